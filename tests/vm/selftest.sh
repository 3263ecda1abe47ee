#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Proves the lab itself: what the other scripts take for granted is there.
#
#	tests/vm/run 6.1 vtd tests/vm/selftest.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

tracing=/sys/kernel/tracing
groups=/sys/kernel/iommu_groups

share_a_group() {
	local first other bdf

	first=$(group_of "0000:$1")
	for bdf; do
		other=$(group_of "0000:$bdf")
		if [ "$other" != "$first" ]; then
			printf '%s and %s are in two groups\n' "$1" "$bdf"
			return 1
		fi
	done
}

are_apart() {
	local first second

	first=$(group_of "0000:$1")
	second=$(group_of "0000:$2")
	[ "$first" != "$second" ]
}

count_events() {
	grep -c " $1: " "$tracing/trace" || true
}

# Events of the boot are in the buffer already: only what the reads add is the lab's own.
reads_make_events() {
	echo 0 >"$tracing/tracing_on"
	: >"$tracing/trace"
	echo 1 >"$tracing/events/iommu/enable"
	echo 1 >"$tracing/tracing_on"
	nvme_read 20
	echo 0 >"$tracing/tracing_on"
	maps=$(count_events map)
	unmaps=$(count_events unmap)
	echo 1 >"$tracing/tracing_on"
	printf '# %s maps and %s unmaps by 20 reads\n' "$maps" "$unmaps" | tee /tmp/counts
	[ "$maps" -ge 20 ]
	[ "$unmaps" -ge 20 ]
}

# fault_is_logged read|write IOVA PATTERN
fault_is_logged() {
	edu_fault "$1" "$2"
	if ! wait_for 10 eval "dmesg | grep -iE '$3'"; then
		dmesg | tail -n 5
		return 1
	fi
}

edu_works() {
	"$PROGRAMS/edu_dma" "$(edu_bdf)" "$1" 0x1000 64
}

tmux_shows_a_screen() {
	tmux -L t -f /dev/null new-session -d -x 80 -y 24 'echo hello; stty size; sleep 100'
	wait_for 20 eval "tmux -L t capture-pane -p | grep -qx '24 80'"
	tmux -L t kill-server
}

trace_cmd_records() {
	trace-cmd record -e iommu -o /tmp/trace.dat \
		dd if=/dev/nvme0n1 of=/dev/null bs=64k count=4 iflag=direct
	trace-cmd report -i /tmp/trace.dat >/tmp/report
	tail -n 3 /tmp/report
	grep -q ' map: ' /tmp/report
	trace-cmd reset
	echo 1 >"$tracing/tracing_on"
}

rebind() {
	bind_driver "0000:$1" vfio-pci
	[ -c "/dev/vfio/$(group_of "0000:$1")" ]
	bind_driver "0000:$1" ''
	readlink "/sys/bus/pci/devices/0000:$1/driver" | grep -q e1000e
}

unbind_and_back() {
	local bdf=0000:$1 device=/sys/bus/pci/devices/0000:$1

	echo "$bdf" >"$device/driver/unbind"
	[ ! -e "$device/driver" ]
	echo "$bdf" >/sys/bus/pci/drivers/e1000e/bind
	readlink "$device/driver" | grep -q e1000e
}

printf '# %s, %s, %s s after boot\n' "$(uname -r)" "$IOMMU" "$(cut -d ' ' -f 1 /proc/uptime)"

check 'the tree can be read' test -r tests/vm/lib.sh
check 'OUT can be written to' cp tests/vm/lib.sh "$OUT/"
check '/tmp can be written to' cp tests/vm/lib.sh /tmp/
check 'the disk can be read' nvme_read 1
check 'the network comes up' net_up
check 'the network answers' busybox ping -c 1 -W 10 10.0.2.2
if [ "$IOMMU" = none ]; then
	check 'there is no group' test ! -e "$groups/0"
	check 'edu reads memory without an IOMMU' edu_works read
else
	check 'there are groups' test -e "$groups/0"
	check 'root port without ACS and all behind it share a group' \
		share_a_group 00:11.0 02:00.0 02:00.1
	if [ "$IOMMU" = smmuv3 ]; then
		skip 'other topologies' 'here a device joins a group when it gets a driver'
	else
		check 'what is behind the bridge to PCI shares a group' \
			share_a_group 00:12.0 03:01.0 03:02.0
		check 'functions of 00:1f share a group' share_a_group 00:1f.0 00:1f.2 00:1f.3
		check 'root port with ACS and what is behind it are apart' \
			are_apart 00:10.0 01:00.0
	fi
	check 'two cards on the root bus are apart' are_apart 00:02.0 00:05.0
	check 'reads make map and unmap events' reads_make_events
	cat /tmp/counts
	check 'trace-cmd records them' trace_cmd_records
fi
if [ "$IOMMU" = vtd ]; then
	check 'a read fault is logged' fault_is_logged read 0x5678000 \
		'DMAR: .DMA Read.*00:03.0. fault addr 0x5678000'
	check 'a write fault is logged' fault_is_logged write 0x9abc000 \
		'DMAR: .DMA Write.*00:03.0. fault addr 0x9abc000'
	dmesg | grep -i 'dmar.*fault' | sed 's/^/# /'
elif [ "$IOMMU" = smmuv3 ]; then
	edu_gets_its_group
	check 'a read fault is logged' fault_is_logged read 0x5678000 '[[:space:]]0x0*5678000$'
	check 'a write fault is logged' fault_is_logged write 0x9abc000 '[[:space:]]0x0*9abc000$'
	dmesg | grep -A 4 'arm-smmu-v3.* event' | sed 's/^/# /'
elif [ "$IOMMU" = amd ]; then
	skip 'faults are logged' 'the emulated AMD-Vi of QEMU raises none for edu'
fi
check 'tmux shows a screen of 80x24' tmux_shows_a_screen
check 'a card can be unbound and bound again' unbind_and_back 00:05.0
if [ "$IOMMU" != none ]; then
	check 'a card can go to vfio-pci and come back' rebind 01:00.0
fi
plan_done
