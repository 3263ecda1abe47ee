#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The probes in a real kernel: that each map and unmap has a domain, and that nothing of ours stays
# and nothing of others goes.
#
#	tests/vm/run 6.1 vtd tests/vm/probes.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh

tracing=/sys/kernel/tracing
instances=$tracing/instances
card=0000:01:00.0
declare -A pids

if [ "$IOMMU" = none ]; then
	skip 'each map has a domain' 'this machine has no IOMMU'
	plan_done
fi

# start NAME ARGS...: an iommutop that writes its frames to /tmp/NAME; returns after the second.
start() {
	local name=$1

	shift
	rm -f "/tmp/$name" "/tmp/$name.rec"
	set -m # else the shell makes it deaf to INT
	$IOMMUTOP --json -d 0.5 "$@" >"/tmp/$name" 2>"/tmp/$name.err" &
	set +m
	pids[$name]=$!
	trap stop_all EXIT
	wait_for 60 has_frames "$name" 2 || { cat "/tmp/$name.err"; return 1; }
}

# What a check that failed has left running.
stop_all() {
	kill "${pids[@]}" ${reader:-} 2>/dev/null || true
	wait
}

frame_count() {
	wc -l <"/tmp/$1"
}

has_frames() {
	[ "$(frame_count "$1")" -ge "$2" ]
}

frames() {
	wait_for 60 has_frames "$1" $(($(frame_count "$1") + $2))
}

# finish NAME SIGNAL: the exit status is in $status.
finish() {
	status=0
	kill "-$2" "${pids[$1]}"
	wait "${pids[$1]}" || status=$?
}

json() {
	tests/vm/frames.py "/tmp/$1" "$2"
}

# has_probe NAME PROBE: it is in the kernel's list.
has_probe() {
	grep -q "^[a-z0-9]*:iommutop_${pids[$1]}/$2 " $tracing/dynamic_events
}

# is_on NAME PROBE
is_on() {
	grep -qx 1 "$instances/iommutop-${pids[$1]}/events/iommutop_${pids[$1]}/$2/enable"
}

# All that others have: their probe, with a trigger, on in an instance and off at the top.
others_begin() {
	echo 'p:theirs/open do_sys_openat2 name=+0($arg2):ustring' >>$tracing/dynamic_events
	mkdir $instances/theirs
	echo 1 >$instances/theirs/events/theirs/open/enable
	echo 'hist:keys=common_pid' >>$instances/theirs/events/theirs/open/trigger
	echo 'hist:keys=size' >>$instances/theirs/events/iommu/map/trigger
}

others_end() {
	rmdir $instances/theirs
	echo '-:theirs/open' >>$tracing/dynamic_events
}

as_found() {
	cat $tracing/dynamic_events $tracing/kprobe_events
	find $instances -mindepth 1 -maxdepth 1 | sort
	cat $instances/theirs/events/theirs/open/{enable,trigger,filter}
	cat $instances/theirs/events/iommu/map/{enable,trigger,filter}
	cat $tracing/events/enable $tracing/events/theirs/enable $tracing/tracing_on
}

all_as_found() {
	as_found | diff /tmp/found -
}

the_probes_are_there() {
	local probe

	start one
	for probe in map unmap attach attach_return free map_return group member dma_page dma_sg; do
		has_probe one $probe || { echo "no $probe"; cat $tracing/dynamic_events; return 1; }
	done
	for probe in map unmap attach free; do
		is_on one $probe || { echo "$probe is off"; return 1; }
	done
	json one '[h for h in last["health"] if h["source"] == "probes"] ==
		[{"source": "probes", "state": "ok", "reason": None}]'
	json one 'last["collect"] == "events"'
	finish one TERM
	all_as_found
}

# ended_by SIGNAL STATUS
ended_by() {
	start end
	has_probe end map
	finish end "$1"
	echo "exit status $status, said: $(cat /tmp/end.err)"
	[ "$status" = "$2" ]
	all_as_found
}

a_probe_is_there() {
	grep -q ':iommutop_' $tracing/dynamic_events
}

ended_by_key() {
	{ wait_for 30 a_probe_is_there; sleep 1; printf q; } |
		timeout 60 script -qec "$IOMMUTOP -d 0.5" /dev/null >/dev/null
	all_as_found
}

# Without the sanitizer's own handler, so that ours is the one.
ended_by_crash() {
	export ASAN_OPTIONS=handle_segv=0:detect_leaks=0

	start crash
	has_probe crash map
	finish crash SEGV
	[ "$status" = 139 ]
	all_as_found
}

# Somebody uses the dead one's probes, in all ways there are.
the_dead_are_swept() {
	local group

	start dead
	finish dead KILL
	group=iommutop_${pids[dead]}
	has_probe dead map
	echo 1 >$tracing/events/$group/free/enable
	echo 1 >$instances/theirs/events/$group/enable
	echo 'hist:keys=domain:vals=size' >>$instances/theirs/events/$group/map/trigger
	echo 'hist:keys=domain' >>"$instances/iommutop-${pids[dead]}/events/$group/unmap/trigger"
	"$@"
	! has_probe dead map
	! has_probe dead free
}

by_cleanup() {
	the_dead_are_swept $IOMMUTOP --cleanup
	all_as_found
}

a_short_one() {
	$IOMMUTOP --json -d 0.5 -n 2 >/dev/null
}

by_the_next() {
	the_dead_are_swept a_short_one
	all_as_found
}

read_for_ever() {
	while nvme_read 50; do :; done
}

# From the second tick on, over some thousand more maps.
attributed_while_it_runs() {
	read_for_ever &
	reader=$!
	start within
	frames within 6
	json within '[(x["totals"]["unattributed"], x["totals"]["maps"]) for x in f]'
	json within 'last["totals"]["unattributed"] == f[1]["totals"]["unattributed"]'
	json within 'last["totals"]["maps"] > f[1]["totals"]["maps"] + 500'
	json within 'not last["lost"] and not last["missed"]'
	finish within TERM
	all_as_found
}

attributed_from_before() {
	start before
	nvme_read 300
	frames before 2
	json before 'last["totals"]["maps"] > 300 and last["totals"]["unattributed"] == 0'
	finish before TERM
}

# Each keeps the domains of its own numbering; the first that ends takes nothing from the other.
two_at_once() {
	start left
	start right
	has_probe left map
	has_probe right map
	nvme_read 200
	frames left 2
	frames right 2
	json left 'last["totals"]["maps"] > 200 and last["totals"]["unattributed"] == 0'
	json right 'last["totals"]["maps"] > 200 and last["totals"]["unattributed"] == 0'
	finish left TERM
	! has_probe left map
	has_probe right map
	nvme_read 200
	frames right 2
	json right 'last["totals"]["maps"] > 400 and last["totals"]["unattributed"] == 0'
	finish right TERM
	all_as_found
}

without_probes() {
	start none --no-probes
	all_but_instances >/tmp/none.list
	diff /tmp/list "/tmp/none.list"
	json none '[h["state"] for h in last["health"] if h["source"] == "probes"] == ["off"]'
	json none '[h["reason"] for h in last["health"] if h["source"] == "probes"][0]
		.startswith("run it without --no-probes")'
	json none 'last["collect"] == "tracepoints"'
	finish none TERM
	all_as_found
}

all_but_instances() {
	cat $tracing/dynamic_events $tracing/kprobe_events
}

# The groups' probes go on at the start and once more for a device that comes, half a minute later;
# the run is the one that started the watcher.
strings_are_on_for_a_moment() {
	rm -f /tmp/enough
	tests/vm/on_times.py /tmp/enough group member dma_page dma_sg dma_alloc >/tmp/on_times &
	start moment
	nvme_read 100
	echo 1 >"/sys/bus/pci/devices/$card/remove"
	echo 1 >/sys/bus/pci/rescan
	wait_for 60 grep -q . "/sys/bus/pci/devices/$card/iommu_group/type"
	frames moment 70
	finish moment TERM
	touch /tmp/enough
	wait
	cat /tmp/on_times
	awk '$3 >= 1000 { exit 1 }' /tmp/on_times
	awk '$1 == "group" && $2 != 2 { exit 1 }' /tmp/on_times
	awk '$1 == "dma_sg" && $2 > 1 { exit 1 }' /tmp/on_times
	all_as_found
}

others_begin
as_found >/tmp/found
all_but_instances >/tmp/list
check 'the probes are there, and on' the_probes_are_there
check 'each map and unmap has a domain, also of a device attached before' attributed_from_before
check 'and from the second tick on where maps were under way' attributed_while_it_runs
check 'two at once' two_at_once
check 'those that cost much are on for less than a second' strings_are_on_for_a_moment
check 'with --no-probes the list is left alone, and that is said' without_probes
check 'nothing is left and nothing of others gone after q' ended_by_key
check 'after TERM' ended_by TERM 143
check 'after INT' ended_by INT 130
check 'after a crash' ended_by_crash
check 'after a kill and --cleanup' by_cleanup
check 'after a kill and the next start' by_the_next
others_end
plan_done
