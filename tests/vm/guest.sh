#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real virtual machine takes a card and gives it back: the way of the card, who holds it by the
# name a person knows it as, its memory to the byte.
#
#	IOMMUTOP_VM_MEM=3072 tests/vm/run 6.1 vtd tests/vm/guest.sh
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
recording=/tmp/one.rec

show() {
	json one "[(d['id'], d['label'], d['type'], d['devices'], d['holder'], d['maps'], d['unmaps'],
		d['outstanding_bytes']) for d in last['domains']]" \
		"[(g['id'], g['default_type'], g['current_type']) for g in last['groups']
			if g == group_of(last, '$card')]" \
		"transitions(f) or 'no transitions'"
}

# told EXPRESSION...: soon the last frame says so; what it says otherwise is shown.
told() {
	soon one "$@" || { show; return 1; }
}

recorded() {
	grep -Eq "$1" $recording
}

# The walks of sysfs are 10 s apart: what nobody hurries is in the recording within two of them.
soon_recorded() {
	wait_for 40 recorded "$1" && return 0
	printf 'nobody said %s but:\n' "$1"
	grep -E '^[AXH]' $recording | tail -n 15
	return 1
}

# The kernel's driver has it: nobody looks for a holder, and nobody misses one.
a_host_device_has_no_holder() {
	soon_recorded '^H.* owners ok -$'
	not recorded 'holder|process .* name'
}

# verdict_agrees SAID VERDICT: what the kernel says when the group is opened, and what we say of it.
verdict_agrees() {
	[ "$("$PROGRAMS/vfio_viable" "/dev/vfio/$(group_of $card)")" = "$1" ]
	told "group_of(last, '$card')['viability']['verdict'] == '$2'" \
		"'vm1' in group_of(last, '$card')['viability']['reason'] or '$2' != 'in_use'"
}

machine_is_named() {
	told "domain(last, device='$card')['holder']['vm'] == 'vm1'" \
		"domain(last, device='$card')['holder']['name'] == 'qemu-system-x86'" \
		"domain(last, device='$card')['holder']['pid'] == $(guest_pid)" \
		"'vm1' in domain(last, device='$card')['label']"
}

group_is_unmanaged() {
	told "group_of(last, '$card')['current_type'] == 'unmanaged'" \
		"group_of(last, '$card')['default_type'] == '$home_type'"
}

# Its own threads are those that map. Recordings have numbers in hexadecimal.
mapping_tasks_are_its_threads() {
	soon_recorded "^A.* task [0-9a-f]+ process $(printf '%x' "$(guest_pid)")\$"
}

# The first fact: what the kernel mapped for the machine's domain and did not unmap.
memory_is_outstanding() {
	json one "outstanding_witnessed('$1')" \
		"domain(frame_of('$1', 'one'), device='$card')['outstanding_bytes'] in
			outstanding_witnessed('$1')" \
		"domain(frame_of('$1', 'one'), device='$card')['outstanding_bytes'] >= $guest_memory"
}

# burst_is_told start|end WHICH: as the recording has it. That is the machine's whole memory, unless
# the machine paused for 5 s in between, as on a busy host it may.
burst_is_told() {
	local letter=m figures domain

	[ "$1" = start ] || letter=u
	told "[t for t in transitions(f, kind='$1') if t['holder']['vm'] == 'vm1']"
	figures=$(json one "[[t['count'], t['bytes']] for t in transitions(f, kind='$1')
		if t['holder']['vm'] == 'vm1'][-1]")
	domain=$(json one "[t['domain'] for t in transitions(f, kind='$1')][-1]")
	tests/vm/collected.py $recording "bursts('$letter', $domain)"
	echo "told: $figures"
	tests/vm/collected.py $recording "bursts('$letter', $domain)[$2] == $figures"
	tests/vm/collected.py $recording "sum(x[1] for x in bursts('$letter', $domain)) >= $guest_memory"
}

# says_of_holders STATE WORDS COMMAND...: the program, run by COMMAND, says so of that source as soon
# as it says anything of it; then nobody reads on, and it ends.
says_of_holders() {
	local state=$1 words=$2

	shift 2
	rm -f /tmp/other.rec
	"$@" "$IOMMUTOP" --json -d 0.5 --record /tmp/other.rec |
		grep -m 1 '"source":"owners"' >/tmp/other
	tests/vm/frames.py /tmp/other "[h for h in last['health'] if h['source'] == 'owners' and
		h['state'] == '$state' and '$words' in h['reason']] or print(last['health'])"
}

starts_of() {
	json "$1" "[(t['count'], t['bytes']) for t in transitions(f, kind='start')]"
}

ends_of() {
	json "$1" "[(t['count'], t['bytes']) for t in transitions(f, kind='end')]"
}

# Told when it has been quiet for 5 s; where the kernel counts nobody knows the time inside.
counted_burst_is_the_same() {
	soon counted "transitions(f, kind='start')"
	starts_of one
	starts_of counted
	[ "$(starts_of one)" = "$(starts_of counted)" ]
	json counted "[t for t in transitions(f, kind='start') if t['inside_ns'] is None]"
}

# Its domain is gone by the time that the last of it is told: a tick later.
counted_end_is_the_same() {
	soon counted "transitions(f, kind='end')"
	ends_of one
	ends_of counted
	[ "$(ends_of one)" = "$(ends_of counted)" ]
	json counted "[(d['id'], d['freed'], d['unmaps'], d['unmap_bytes']) for d in last['domains']]" \
		"[d for d in last['domains'] if 'vm1' in d['label'] and not d['freed']] == []" \
		"sum(d['unmap_bytes'] for d in last['domains'] if 'vm1' in d['label']) >= $guest_memory"
}

# Who may not look into others' descriptors says so, but only where there is something to miss.
what_cannot_be_seen_is_said() {
	says_of_holders partial sudo setpriv --reuid 65534 --clear-groups
	not grep -E 'holder [0-9a-f]' /tmp/other.rec
}

# In a container the ids of /proc are not those of the kernel's traces.
another_namespace_is_said() {
	says_of_holders off 'pid namespace' unshare --pid --fork --mount-proc
	not grep -E 'holder [0-9a-f]|^A.* (task|process) [0-9a-f]+ (process|vm)' /tmp/other.rec
}

nothing_is_outstanding() {
	json one "outstanding_witnessed('$1')"
	[ "$(hits_missed)" -gt 0 ] || json one "set(outstanding_witnessed('$1')) == {0}"
	json one "[(d['label'], d['freed'], d['outstanding_bytes']) for d in last['domains']]" \
		"[d for d in last['domains'] if 'vm1' in d['label']
			and (d['outstanding_bytes'] or not d['freed'])] == []"
}

process_has_ended() {
	soon_recorded "^X.* process $(printf '%x' "$(guest_pid)")\$"
	soon_recorded "^A.* group $(printf '%x' "$(group_of $card)") holder -\$"
}

group_is_back() {
	told "group_of(last, '$card')['current_type'] == '$home_type'"
}

card_went_and_came_back() {
	told "[t for t in transitions(f, kind='away', device='$card')
		if t['holder']['vm'] == 'vm1' and t['left_s'] < (t['back_s'] or 0)]"
}

if [ "$IOMMU" = none ]; then
	skip 'a virtual machine takes a card' 'this machine has no IOMMU'
	plan_done
fi
witness_open
start one --collect events --record $recording
start counted --collect counts --record /tmp/counted.rec
home_type=$(json one "group_of(last, '$card')['current_type']")
check 'a device of the host has no holder' a_host_device_has_no_holder
check 'the card goes to vfio-pci' bind_driver $card vfio-pci
check 'the kernel finds its group viable, and so do we' verdict_agrees viable ready
check 'a virtual machine takes it' start_guest $card vm1
quiet running one
check 'its domain has the name, process and id of the machine' machine_is_named
check 'the kernel refuses the group to others, and we say who has it' verdict_agrees EBUSY in_use
check 'the group is unmanaged now, its default as before' group_is_unmanaged
check 'the tasks that map are threads of it' mapping_tasks_are_its_threads
check 'what is outstanding is what the kernel mapped, and the whole memory' \
	memory_is_outstanding running
check 'the burst of its start is told' burst_is_told start 0
check 'the same burst is told where the kernel counts' counted_burst_is_the_same
check 'without permission that is said' what_cannot_be_seen_is_said
check 'in another pid namespace that is said' another_namespace_is_said
check 'the virtual machine ends' stop_guest
quiet ended one
check 'the kernel finds its group viable again, and so do we' verdict_agrees viable ready
check 'the burst of its end is told' burst_is_told end -1
check 'the same end is told where the kernel counts' counted_end_is_the_same
finish counted TERM
check 'a replay of it ends as it did' replays_alike counted
check 'nothing stays outstanding' nothing_is_outstanding ended
check 'all of it was seen as the kernel counted it' agrees one running ended
check 'its process holds nothing any more' process_has_ended
check 'the card comes back' bind_driver $card ''
check 'the group has no node any more, and has to be bound first' verdict_agrees ENOENT after
check 'the group is back in its default domain' group_is_back
check 'the way of the card to the machine and back is told' card_went_and_came_back
check 'nothing was lost' json one "last['totals']['lost'] == 0"
finish one TERM
check 'a replay ends as the run did' replays_alike one
check 'and nobody complained' test ! -s /tmp/one.err
check 'the witness goes' witness_close
plan_done
