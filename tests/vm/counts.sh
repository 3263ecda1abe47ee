#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Maps and unmaps as counts, in a real kernel: that they are the kernel's own, that nothing counts
# twice, and that nothing of ours stays and nothing of others goes.
#
#	tests/vm/run 6.1 vtd tests/vm/counts.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=programs.sh
. tests/vm/programs.sh

witness=$instances/witness

if [ "$IOMMU" = none ]; then
	skip 'counts are those of the kernel' 'this machine has no IOMMU'
	plan_done
fi

# record NAME ARGS...: start, with a recording in /tmp/NAME.rec.
record() {
	local name=$1

	shift
	start "$name" --record "/tmp/$name.rec" "$@"
}

collected() {
	tests/vm/collected.py "/tmp/$1.rec" "$2"
}

# histogram EVENT FIELD: hits and the sum of a field, as the kernel itself counted them.
histogram() {
	awk -v field="$2" '
		/^{/ { for (i = 1; i < NF; i++) if ($i == field ":") sum += $(i + 1) }
		/Hits:/ { hits = $2 }
		END { printf "[%d, %d]\n", hits, sum }' "$witness/events/$1/hist"
}

begin_witness() {
	mkdir "$witness"
	echo 'hist:keys=common_pid:vals=size' >"$witness/events/iommu/map/trigger"
	echo 'hist:keys=common_pid:vals=unmapped_size' >"$witness/events/iommu/unmap/trigger"
	if [ -e "$witness/events/intel_iommu/qi_submit" ]; then
		echo 'hist:keys=common_pid:vals=qw0' >"$witness/events/intel_iommu/qi_submit/trigger"
	fi
}

counts_are_the_kernels() {
	collected one '[counts_of(w, a) for w in ("map", "unmap") for a in (False, True)]'
	echo "kernel: maps $maps unmaps $unmaps"
	collected one "counts_of('map', True) == $maps and counts_of('unmap', True) == $unmaps"
	collected one "counts_of('map') == $maps and counts_of('unmap') == $unmaps"
	collected one 'counts_of("map")[1] >= 1000 * 65536'
}

no_event_crossed() {
	collected one 'letters("m") + letters("u") == []'
	collected one "modes() == [('counts', True, $([ "$KERNEL" = 6.1 ] && echo True || echo False))]"
	collected one 'reasons() == ["asked for"]'
	collected one 'letters("L") + letters("l") + letters("i") == []'
}

# In sum, the bytes of each size are what so many of that size can be.
sizes_fit_bytes() {
	collected one 'sizes()'
	collected one 'all(hits << log2 <= bytes < hits << log2 + 1
		for log2, (hits, bytes) in sizes().items())'
}

# Those before the first frame, at which the trigger is set, are in the witness alone.
invalidations_are_the_kernels() {
	collected one "units()"
	echo "kernel: $invalidations"
	collected one "1000 <= units()[-1] <= ${invalidations}[0]"
}

# From counts to events in the middle of traffic: nothing twice.
nothing_counts_twice() {
	local maps unmaps before_maps before_unmaps

	# The one tick that counts may pass without a read where the machine is busy.
	for _ in 1 2 3; do
		before_maps=$(histogram iommu/map size)
		before_unmaps=$(histogram iommu/unmap unmapped_size)
		start_reading
		record auto
		frames auto 2
		finish reading TERM
		frames auto 2
		maps=$(histogram iommu/map size)
		unmaps=$(histogram iommu/unmap unmapped_size)
		finish auto TERM
		collected auto 'counts_of("map", True)[0] > 0' && break
	done
	collected auto '[m[0] for m in modes()] == ["counts", "events"]'
	collected auto 'reasons()'
	collected auto '[len(letters("m")), counts_of("map", True), len(letters("u")), counts_of("unmap", True)]'
	echo "kernel: maps $before_maps to $maps, unmaps $before_unmaps to $unmaps"
	collected auto 'len(letters("m")) > 0 and counts_of("map", True)[0] > 0'
	collected auto "len(letters('m')) + counts_of('map', True)[0] <= ${maps}[0] - ${before_maps}[0]"
	collected auto "len(letters('u')) + counts_of('unmap', True)[0] <= ${unmaps}[0] - ${before_unmaps}[0]"
}

# Key c, again and again in the middle of traffic: nothing twice, and nothing missing that is not
# said to be.
switches_miss_nothing() {
	local maps unmaps lost before_maps before_unmaps rounds

	before_maps=$(histogram iommu/map size)
	before_unmaps=$(histogram iommu/unmap unmapped_size)
	rm -f /tmp/switches.rec
	tmux -f /dev/null -L switches new-session -d -x 100 -y 30 \
		"$IOMMUTOP -d 0.5 --record /tmp/switches.rec"
	wait_for 60 grep -q '^t' /tmp/switches.rec
	start_reading
	for _ in {1..9}; do
		rounds=$(grep -c '^t' /tmp/switches.rec)
		tmux -L switches send-keys c
		wait_for 60 eval "[ \$(grep -c '^t' /tmp/switches.rec) -ge $((rounds + 2)) ]"
	done
	finish reading TERM
	sleep 2
	maps=$(histogram iommu/map size)
	unmaps=$(histogram iommu/unmap unmapped_size)
	tmux -L switches send-keys q
	wait_for 60 not tmux -L switches has-session
	collected switches '[m[0] for m in modes()]'
	collected switches '[m[0] for m in modes()].count("counts") >= 3'
	collected switches '[len(letters("m")), counts_of("map", True), len(letters("u")), counts_of("unmap", True)]'
	echo "kernel: maps $before_maps to $maps, unmaps $before_unmaps to $unmaps"
	lost=$(collected switches 'len(letters("L")) + 1')
	collected switches "len(letters('m')) + counts_of('map', True)[0] <= ${maps}[0] - ${before_maps}[0]"
	collected switches "len(letters('u')) + counts_of('unmap', True)[0] <= ${unmaps}[0] - ${before_unmaps}[0]"
	[ "$lost" = 1 ] || return 0
	collected switches "len(letters('m')) + counts_of('map', True)[0] == ${maps}[0] - ${before_maps}[0]"
	collected switches "len(letters('u')) + counts_of('unmap', True)[0] == ${unmaps}[0] - ${before_unmaps}[0]"
}

# What does not fit the buffers makes auto count.
losses_make_it_count() {
	record full
	frames full 3
	echo 8 >"$instances/iommutop-${pids[full]}/buffer_size_kb"
	kill -STOP "${pids[full]}"
	nvme_read 1000
	kill -CONT "${pids[full]}"
	frames full 3
	[ "$(cat "$instances/iommutop-${pids[full]}/events/iommu/map/enable")" = '0*' ]
	nvme_read 100
	frames full 2
	finish full TERM
	collected full '[m[0] for m in modes()][:3] == ["counts", "events", "counts"]'
	collected full 'reasons()[2] == "records were lost"'
	collected full '"events" not in [m[0] for m in modes()][3:]'
	collected full 'counts_of("map")[1] >= 100 * 65536'
}

costs_are_told() {
	collected one 'sum(int(f[0], 16) for f in letters("w")) > 0'
}

# Even the very same trigger of somebody else is read along, and stays.
others_triggers_stay() {
	local ours='hist:keys=size.log2:vals=size:size=128 if size > 0'
	local trigger=$instances/mine/events/iommu/map/trigger

	mkdir $instances/mine
	echo 'hist:keys=common_pid' >>"$trigger"
	echo "$ours" >>"$trigger"
	grep -v '^#' "$trigger" >/tmp/triggers.before
	nvme_read 10
	record adopter --collect counts --instance mine
	nvme_read 100
	frames adopter 3
	finish adopter TERM
	collected adopter 'counts_of("map", True) == counts_of("map")'
	collected adopter 'counts_of("map", True)[1] == 100 * 65536'
	grep -v '^#' "$trigger" | diff /tmp/triggers.before -
	not grep -v '^#' "$instances/mine/events/iommu/unmap/trigger"
	rmdir $instances/mine
}

left_as_found() {
	find "$instances" -mindepth 1 -maxdepth 1 | sort
	cat $tracing/events/enable $tracing/tracing_on $tracing/dynamic_events
}

left_as_found >/tmp/found
begin_witness
record one --collect counts
nvme_read 1000
frames one 3
maps=$(histogram iommu/map size)
unmaps=$(histogram iommu/unmap unmapped_size)
invalidations=
if [ -e "$witness/events/intel_iommu/qi_submit" ]; then
	invalidations=$(histogram intel_iommu/qi_submit qw0)
fi
finish one TERM
check 'counts and bytes are those of the kernel' counts_are_the_kernels
check 'no event crosses, nothing is lost' no_event_crossed
check 'sizes fit bytes' sizes_fit_bytes
check 'what it costs is told' costs_are_told
if [ -e "$witness/events/intel_iommu/qi_submit" ] && [ "$IOMMU" = vtd ]; then
	check 'invalidations are those of the kernel' invalidations_are_the_kernels
else
	skip 'invalidations are those of the kernel' "this kernel does not tell them for $IOMMU"
fi
check 'nothing is left' gone one
check 'nothing counts twice when events take over' nothing_counts_twice
check 'switching in traffic misses nothing' switches_miss_nothing
check 'when records are lost it counts' losses_make_it_count
check 'triggers of others stay' others_triggers_stay
rmdir "$witness"
left_as_found >/tmp/left
check 'the machine is left as it was' diff /tmp/found /tmp/left
plan_done
