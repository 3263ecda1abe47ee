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
# shellcheck source=programs.sh
. tests/vm/programs.sh

card=0000:01:00.0

if [ "$IOMMU" = none ]; then
	skip 'each map has a domain' 'this machine has no IOMMU'
	plan_done
fi

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

	for probe in map unmap attach attach_return free map_return group member dma_page dma_sg; do
		has_probe before $probe || { echo "no $probe"; cat $tracing/dynamic_events; return 1; }
	done
	wait_for 30 is_on before map
	for probe in map unmap attach free; do
		is_on before $probe || { echo "$probe is off"; return 1; }
	done
	json before '[h for h in last["health"] if h["source"] == "probes"] ==
		[{"source": "probes", "state": "ok", "reason": None}]' 'last["collect"] == "events"'
}

# ended_by MODE SIGNAL STATUS
ended_by() {
	start end --collect "$1"
	has_probe end map
	finish end "$2"
	echo "exit status $status, said: $(cat /tmp/end.err)"
	[ "$status" = "$3" ]
	gone end
	all_as_found
}

a_short_one() {
	$IOMMUTOP --json -d 0.5 -n 1 >/dev/null
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

	ended_by "$1" SEGV 139
}

# Somebody uses the dead one's probes, in all ways there are.
# swept MODE COMMAND...
swept() {
	local group

	start dead --collect "$1"
	finish dead KILL
	shift
	group=iommutop_${pids[dead]}
	has_probe dead map
	echo 1 >"$tracing/events/$group/free/enable"
	echo 1 >"$instances/theirs/events/$group/enable"
	echo 'hist:keys=domain:vals=size' >>"$instances/theirs/events/$group/map/trigger"
	echo 'hist:keys=domain' >>"$instances/iommutop-${pids[dead]}/events/$group/unmap/trigger"
	"$@"
	gone dead
	all_as_found
}

# misses: hits that the kernel dropped, because it was at another probe on that CPU.
misses() {
	awk '{ sum += $3 } END { print sum + 0 }' $tracing/kprobe_profile
}

# From the second tick on, over some hundred more maps: all but those whose probe was missed.
attributed_while_it_runs() {
	start_reading
	start within
	wait_for 120 json within 'last["totals"]["maps"] > f[1]["totals"]["maps"] + 500'
	finish reading TERM
	json within '[(x["totals"]["unattributed"], x["totals"]["maps"]) for x in f]'
	cat $tracing/kprobe_profile
	json within "last['totals']['unattributed'] - f[1]['totals']['unattributed'] <= $(misses)" \
		'not last["lost"] and not last["late"]'
	finish within TERM
	all_as_found
}

attributed_from_before() {
	nvme_read 300
	frames before 2
	json before "last['totals']['maps'] >= 300 and last['totals']['unattributed'] <= $(misses)"
}

# Each keeps the domains of its own numbering; the first that ends takes nothing from the other.
two_at_once() {
	start right
	has_probe before map
	has_probe right map
	nvme_read 200
	frames before 2
	frames right 2
	json before "last['totals']['maps'] >= 500 and last['totals']['unattributed'] <= $(misses)"
	json right "last['totals']['maps'] >= 200 and last['totals']['unattributed'] <= $(misses)"
	finish right TERM
	gone right
	has_probe before map
	nvme_read 200
	frames before 2
	json before "last['totals']['maps'] >= 700 and last['totals']['unattributed'] <= $(misses)"
}

ends() {
	gone before
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

# The groups' probes go on at the start and once more for a device that comes; not a third time in
# that minute, whatever happens. How long a second is to a program depends on the machine, so that is
# held against how long all of it took.
strings_are_on_for_a_moment() {
	local took_s

	rm -f /tmp/enough
	tests/vm/on_times.py /tmp/enough group member dma_page dma_sg dma_alloc >/tmp/on_times &
	start moment
	SECONDS=0
	for _ in 1 2; do
		nvme_read 100
		echo 1 >"/sys/bus/pci/devices/$card/remove"
		echo 1 >/sys/bus/pci/rescan
		wait_for 60 grep -q . "/sys/bus/pci/devices/$card/iommu_group/type"
		frames moment 8
	done
	took_s=$SECONDS
	finish moment TERM
	touch /tmp/enough
	wait
	echo "$took_s s"
	cat /tmp/on_times
	awk -v took_ms=$((took_s * 1000)) '$3 * 5 >= took_ms { exit 1 }' /tmp/on_times
	awk -v most=$((2 + 2 * (took_s / 50))) '$1 == "group" && ($2 < 1 || $2 > most) { exit 1 }' \
		/tmp/on_times
	awk -v most=$((1 + took_s / 50)) '$1 == "dma_sg" && $2 > most { exit 1 }' /tmp/on_times
	all_as_found
}

# Who reads its output has stopped, in whichever moment of its start that holds it up.
a_reader_that_stops_keeps_nothing_on() {
	local pipe pid

	rm -f /tmp/stopped
	mkfifo /tmp/stopped
	exec {pipe}<>/tmp/stopped
	head -c 65536 /dev/zero >&"$pipe"
	for _ in {1..5}; do
		"$IOMMUTOP" --json -d 0.1 --collect events >&"$pipe" &
		pid=$!
		wait_for 60 [ -e "$instances/iommutop-$pid/events/iommutop_$pid/group/enable" ]
		sleep 3
		cat "$instances/iommutop-$pid/events/iommutop_$pid/group/enable"
		[ "$(cat "$instances/iommutop-$pid/events/iommutop_$pid/group/enable")" = 0 ]
		kill -KILL $pid
		wait $pid || true
		"$IOMMUTOP" --cleanup
	done
	exec {pipe}>&-
}

others_begin
as_found >/tmp/found
all_but_instances >/tmp/list
start before
check 'the probes are there, and on' the_probes_are_there
check 'each map and unmap has a domain, also of a device attached before' attributed_from_before
check 'two at once' two_at_once
finish before TERM
check 'nothing is left of the first' ends
check 'nothing unattributed from the second tick on where maps were under way' \
	attributed_while_it_runs
check 'those that cost much are on for a moment' strings_are_on_for_a_moment
check 'nor while nobody reads the output' a_reader_that_stops_keeps_nothing_on
check 'with --no-probes the list is left alone, and that is said' without_probes
check 'nothing is left and nothing of others gone after q' ended_by_key
check 'after TERM' ended_by events TERM 143
check 'after INT' ended_by counts INT 130
check 'after HUP' ended_by events HUP 129
check 'after USR1' ended_by counts USR1 138
check 'after a crash' ended_by_crash events
check 'after a crash while counting' ended_by_crash counts
check 'after a kill and --cleanup' swept counts $IOMMUTOP --cleanup
check 'after a kill and the next start' swept events a_short_one
others_end
plan_done
