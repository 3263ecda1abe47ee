#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where did a fault's address come from? QEMU's edu device, held through VFIO, goes where it may not:
# behind a mapping, to what was unmapped, into memory it may only read, and somewhere.
#
#	tests/vm/run 6.1 vtd tests/vm/verdicts.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=programs.sh
. tests/vm/programs.sh

edu=$(edu_bdf)

if [ "$IOMMU" != vtd ]; then
	skip 'verdicts on the addresses of faults' "this emulated $IOMMU reports no fault of edu"
	plan_done
fi

# fault_at IOVA DIRECTION: the row of such a fault, when its frame has come.
fault_at() {
	soon one "faults(last, iova='$1', direction='$2')"
}

# verdict_is IOVA DIRECTION KIND [EXPRESSION]: v is the verdict, x the row.
verdict_is() {
	fault_at "$1" "$2"
	json one "[x['verdict'] for x in faults(last, iova='$1', direction='$2')]" \
		"[x for x in faults(last, iova='$1', direction='$2')
			if (lambda v: v['kind'] == '$3' and (${4:-True}))(x['verdict'])]"
}

# vfio runs up to its next wait.
vfio() {
	read -r -t 120 said <&"${VFIO[0]}"
	[ "$said" = waiting ]
}

# What it does while nobody looks at it stands still until a line comes.
steps() {
	bind_driver "$edu" vfio-pci
	coproc VFIO {
		exec "$PROGRAMS/vfio_map" "$edu" map 0x1000000 0x4000 1 wait \
			dma_write 0x1000000 0x100 1 dma_write 0x1004000 0x100 1 wait \
			unmap 0x1000000 0x4000 1 dma_read 0x1000000 0x100 1 wait \
			read_only 0x2000000 0x1000 1 dma_write 0x2000000 0x100 1 wait \
			dma_read 0x5000000 0x100 1 wait
	}
	pid=$VFIO_PID
	vfio
}

next() {
	echo >&"${VFIO[1]}"
	vfio
}

behind_a_mapping() {
	verdict_is 0x1004000 write after \
		"v['task'] == {'tid': $pid, 'comm': 'vfio_map'} and int(v['iova'], 16) + v['size_bytes'] == 0x1004000"
	json one "faults(last, iova='0x1000000', direction='write') == []"
}

what_was_unmapped() {
	verdict_is 0x1000000 read unmapped "v['task'] == {'tid': $pid, 'comm': 'vfio_map'} and v['at_s'] <= x['last_s']"
}

for_reading_only() {
	verdict_is 0x2000000 write direction "v['protection'] == {'read': True, 'write': False}"
}

start one --collect events
pid=
steps
next
check 'the page behind a mapping' behind_a_mapping
next
check 'what was unmapped, by whom and when' what_was_unmapped
next
check 'mapped, but not for writing' for_reading_only
# The kernel logs ten lines in five seconds, a fault is three: the fourth needs five seconds of its own.
sleep 6
next
check 'never mapped since the domain began' verdict_is 0x5000000 read never "v['since_s'] > 0"
kill "$pid"
bind_driver "$edu" '' || true
finish one TERM
plan_done
