#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In a guest: what the kernel records for iommutop while a disk is read, with the formats that it
# takes to understand it, for tests/bench/ingest:
#
#	IOMMUTOP_VM_OUT=/tmp/pages tests/vm/run 6.1 vtd tests/bench/capture.sh
#
# The instance is iommutop's own, with its probes; it is halted, so that all of it is left to read.

set -euo pipefail
# shellcheck source=../vm/lib.sh
. tests/vm/lib.sh

tracing=/sys/kernel/tracing
reads=${1:-400}

$IOMMUTOP -b -d 1 --collect events >/dev/null &
program=$!
instance=$tracing/instances/iommutop-$program
wait_for 20 test -e "$instance/per_cpu/cpu0/trace_pipe_raw"
wait_for 20 grep -q 1 "$instance/events/iommu/map/enable"
sleep 2
kill -STOP $program
nvme_read "$reads"
for cpu in "$instance"/per_cpu/cpu*; do
	timeout 5 dd if="$cpu/trace_pipe_raw" of="$OUT/${cpu##*/}.pages" bs=4096 \
		iflag=nonblock status=none || true
done
cp "$instance/events/header_page" "$OUT/header_page"
for format in "$instance"/events/{iommu,iommutop*}/*/format; do
	event=$(dirname "$format")
	system=$(basename "$(dirname "$event")")
	cp "$format" "$OUT/${system%%_*}.$(basename "$event").format"
done
kill -CONT $program
kill $program
wait $program || true
