#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In a guest: a recording of trace-cmd while a disk is read, without the names of the kernel's
# functions, for tests/bench/tracedat.sh.

set -euo pipefail
# shellcheck source=../vm/lib.sh
. tests/vm/lib.sh

mount --bind /dev/null /proc/kallsyms
cd /tmp
trace-cmd record -e iommu --file-version 6 -o /tmp/base.dat \
	bash -c 'dd if=/dev/nvme0n1 of=/dev/null bs=64k count=2000 iflag=direct status=none' >/dev/null
cp /tmp/base.dat "$OUT/base.dat"
