#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real virtual machine takes a device and gives it back: the way of the device, the machine's
# name, its memory to the byte.
#
#	IOMMUTOP_VM_MEM=3072 tests/vm/run 6.1 vtd tests/vm/passthrough.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=programs.sh
. tests/vm/programs.sh
# shellcheck source=witness.sh
. tests/vm/witness.sh

card=0000:00:05.0
guest_memory=$((256 << 20))

show() {
	json one "[(d['id'], d['label'], d['type'], d['devices'], d['holder'], d['maps'], d['unmaps'],
		d['outstanding_bytes']) for d in last['domains']]" \
		"[(g['id'], g['default_type'], g['current_type']) for g in last['groups']
			if g == group_of(last, '$card')]" \
		"transitions(f) or 'no transitions'"
}

machine_is_named() {
	show
	json one "domain(last, device='$card')['holder']['vm'] == 'vm1'" \
		"domain(last, device='$card')['holder']['name'] == 'qemu-system-x86'" \
		"domain(last, device='$card')['holder']['pid'] == $(guest_pid)" \
		"'vm1' in domain(last, device='$card')['label']"
}

group_is_unmanaged() {
	json one "group_of(last, '$card')['current_type'] == 'unmanaged'" \
		"group_of(last, '$card')['default_type'] == '$home_type'"
}

# The first fact: what the kernel mapped for the machine's domain and did not unmap.
memory_is_outstanding() {
	json one "outstanding_witnessed('$1')" \
		"domain(frame_of('$1', 'one'), device='$card')['outstanding_bytes'] in
			outstanding_witnessed('$1')" \
		"domain(frame_of('$1', 'one'), device='$card')['outstanding_bytes'] >= $guest_memory"
}

group_is_back() {
	json one "group_of(last, '$card')['current_type'] == '$home_type'"
}

device_went_and_came_back() {
	show
	json one "[t for t in transitions(f, kind='away', device='$card')
		if t['holder']['vm'] == 'vm1' and t['left_s'] < (t['back_s'] or 0)]"
}

# start or end: a burst of the machine's memory at least.
burst_is_told() {
	show
	json one "[t for t in transitions(f, kind='$1') if t['holder']['vm'] == 'vm1'
		and t['bytes'] >= $guest_memory and t['count'] > 0]"
}

starts_of() {
	json "$1" "[(t['count'], t['bytes']) for t in transitions(f, kind='start')]"
}

# Told when it has been quiet for 5 s.
counted_burst_is_the_same() {
	frames counted 14
	starts_of one
	starts_of counted
	[ "$(starts_of one)" = "$(starts_of counted)" ]
	json counted "[t for t in transitions(f, kind='start') if t['inside_ns'] is None]"
}

nothing_is_outstanding() {
	json one "outstanding_witnessed('$1') == [0]" \
		"[(d['label'], d['freed'], d['outstanding_bytes']) for d in last['domains']]" \
		"[d for d in last['domains'] if 'vm1' in d['label']
			and (d['outstanding_bytes'] or not d['freed'])] == []"
}

if [ "$IOMMU" = none ]; then
	plan_done
fi
witness_open
start one --collect events
start counted --collect counts
home_type=$(json one "group_of(last, '$card')['current_type']")
bind_driver $card vfio-pci
frames one 2
check 'a virtual machine takes the card' start_guest $card vm1
quiet running one
check 'its domain has the name, process and id of the machine' machine_is_named
check 'the group is unmanaged now, its default as before' group_is_unmanaged
check 'what is outstanding is what the kernel mapped, and the whole memory' \
	memory_is_outstanding running
check 'the burst of its start is told' burst_is_told start
check 'the same burst is told where the kernel counts' counted_burst_is_the_same
check 'the virtual machine ends' stop_guest
quiet ended one
check 'the burst of its end is told' burst_is_told end
check 'nothing stays outstanding' nothing_is_outstanding ended
check 'all of it was seen as the kernel counted it' agrees one running ended
bind_driver $card e1000e
frames one 3
check 'the group is back in its default domain' group_is_back
check 'the way of the device to the machine and back is told' device_went_and_came_back
check 'nothing was lost' json one "last['totals']['lost'] == 0"
finish one TERM
finish counted TERM
witness_close
plan_done
