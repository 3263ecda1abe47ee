#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real guest takes a card and gives it back: who holds its group is told, by the name a person
# knows it as.
#
#	IOMMUTOP_VM_MEM=3072 tests/vm/run 6.1 vtd tests/vm/guest.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

card=0000:00:05.0
group=$(group_of $card)
recording=/tmp/session.rec

# The walks of sysfs are 10 s apart: what nobody hurries is told within two of them.
two_walks=25

start_recording() {
	rm -f "$recording"
	$IOMMUTOP --json -d 0.5 --record "$recording" >/tmp/frames 2>/tmp/iommutop.err &
	echo $! >/tmp/iommutop.pid
	wait_for 30 recorded '^H.* owners '
}

stop_recording() {
	kill -TERM "$(cat /tmp/iommutop.pid)"
	wait_for 30 eval "! kill -0 $(cat /tmp/iommutop.pid)"
	cat /tmp/iommutop.err
	[ ! -s /tmp/iommutop.err ]
}

recorded() {
	grep -Eq "$1" "$recording"
}

# told PATTERN: a line of the recording, within two walks.
told() {
	wait_for "$two_walks" recorded "$1" && return 0
	printf 'nobody said %s but:\n' "$1"
	grep -E '^[AXH]' "$recording" | tail -n 15
	return 1
}

# The kernel's driver has it: nobody looks for a holder, and nobody misses one.
a_host_device_has_no_holder() {
	told '^H.* owners ok -$'
	! recorded 'holder|process .* name'
}

# Recordings have numbers in hexadecimal.
the_guest_is_told() {
	local process

	process=$(printf '%x' "$(guest_pid)")
	told "^A.* group $(printf '%x' "$group") holder $process\$"
	told "^A.* process $process name qemu-system-x86\$"
	told "^A.* process $process vm vm1\$"
}

# Its own threads are those that map.
the_mapping_tasks_are_its_threads() {
	told "^A.* task [0-9a-f]+ process $(printf '%x' "$(guest_pid)")\$"
}

its_end_is_told() {
	local process

	process=$(printf '%x' "$(guest_pid)")
	stop_guest "$1"
	told "^X.* process $process\$"
	told "^A.* group $(printf '%x' "$group") holder -\$"
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

# Who may not look into others' descriptors says so, but only where there is something to miss.
what_cannot_be_seen_is_said() {
	says_of_holders partial sudo setpriv --reuid 65534 --clear-groups
	! grep -E 'holder [0-9a-f]' /tmp/other.rec
}

# In a container the ids of /proc are not those of the kernel's traces.
another_namespace_is_said() {
	says_of_holders off 'pid namespace' unshare --pid --fork --mount-proc
	! grep -E 'holder [0-9a-f]|^A.* (task|process) [0-9a-f]+ (process|vm)' /tmp/other.rec
}

check 'the program records' start_recording
check 'a device of the host has no holder' a_host_device_has_no_holder
check 'the card goes to vfio-pci' bind_driver $card vfio-pci
check 'a guest takes it' start_guest $card vm1
check 'holder, process and machine are told' the_guest_is_told
check 'the tasks that map are threads of it' the_mapping_tasks_are_its_threads
check 'without permission that is said' what_cannot_be_seen_is_said
check 'in another pid namespace that is said' another_namespace_is_said
check 'the end of the guest is told' its_end_is_told TERM
check 'another guest takes it' start_guest $card vm1
check 'it is told as well' the_guest_is_told
check 'its violent end, too' its_end_is_told KILL
check 'the card comes back' bind_driver $card ''
check 'the program ends' stop_recording
plan_done
