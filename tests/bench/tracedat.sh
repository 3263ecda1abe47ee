#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How fast recordings of trace-cmd are read, beside trace-cmd report | awk, in the same run: make
# bench-tracedat.
#
#	tests/bench/tracedat.sh [EVENTS]
#
# The counts have to be the same. IOMMUTOP: the program, build/release/iommutop if not given.

set -euo pipefail
cd "$(dirname "$0")/../.."

export IOMMUTOP=${IOMMUTOP:-build/release/iommutop}
floor=${FLOOR:-build/release/tests/bench/tracedat}
work=build/tracedat
events=${1:-900000}
rounds=3

mkdir -p $work
if [ ! -e $work/base.dat ]; then
	IOMMUTOP_VM_OUT=$work tests/vm/run 6.1 vtd tests/bench/tracedat_record.sh
fi
if [ ! -e $work/six.dat ]; then
	tests/bench/tracedat_repeat.py $work/base.dat $work/six.dat "$events"
fi
if [ ! -e $work/seven.dat ]; then
	trace-cmd convert -i $work/six.dat -o $work/seven.dat --file-version 7 --compression zstd \
		>/dev/null
fi

# count_reported FILE: maps, their bytes, unmaps, their bytes, as trace-cmd tells them.
count_reported() {
	trace-cmd report -i "$1" 2>/dev/null | awk '
		/: map: / { sub(/.*size=/, ""); maps++; mapped += $1 }
		/: unmap: / { sub(/.*unmapped_size=/, ""); unmaps++; unmapped += $1 }
		END { printf "%d %.0f %d %.0f\n", maps, mapped, unmaps, unmapped }'
}

# count_replayed FILE: the same as we tell them.
count_replayed() {
	$IOMMUTOP --replay "$1" -1 --json | /usr/bin/python3 -c '
import json, sys
totals = json.load(sys.stdin)["totals"]
print(totals["maps"], totals["map_bytes"], totals["unmaps"], totals["unmap_bytes"])'
}

# least CMD...: seconds of the quickest of several runs.
least() {
	local best= t0 seconds i

	for ((i = 0; i < rounds; i++)); do
		t0=${EPOCHREALTIME/./}
		"$@" >/dev/null
		seconds=$((${EPOCHREALTIME/./} - t0))
		if [ -z "$best" ] || [ $seconds -lt "$best" ]; then
			best=$seconds
		fi
	done
	echo "$best"
}

read_file() {
	$IOMMUTOP --replay "$1" -1 --json
}

status=0
printf '%-22s %10s %10s %14s %8s\n' 'recording' events 's' 'events/s' 'times'
for file in $work/six.dat $work/seven.dat; do
	reported=$(count_reported $file)
	replayed=$(count_replayed $file)
	count=$(awk '{ print $1 + $3 }' <<<"$reported")
	if [ "$reported" != "$replayed" ]; then
		printf 'not the same counts: %s, and by trace-cmd %s\n' "$replayed" "$reported"
		status=1
	fi
	rounds=1
	base=$(least count_reported $file)
	rounds=5
	ours=$(least read_file $file)
	bare=$(least $floor $file)
	for row in "trace-cmd report|awk:$base" "iommutop:$ours" "floor (touch a page):$bare"; do
		awk -v name="$(basename $file .dat) ${row%:*}" -v us="${row##*:}" -v count="$count" \
			-v base="$base" 'BEGIN {
				printf "%-28s %10d %10.3f %14.0f %8.1f\n",
					name, count, us / 1e6, count * 1e6 / us, base / us }'
	done
done
exit $status
