#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The program against a real kernel without a screen: what it counts, what it sees, its manners.
#
#	tests/vm/run 6.1 vtd tests/vm/program.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=programs.sh
. tests/vm/programs.sh

witness=$instances/witness
card=0000:01:00.0

# histogram EVENT FIELD: hits and the sum of a field, as the kernel itself counted them.
histogram() {
	awk -v field="$2" '
		/^{/ { for (i = 1; i < NF; i++) if ($i == field ":") sum += $(i + 1) }
		/Hits:/ { hits = $2 }
		END { printf "%d %d\n", hits, sum }' "$witness/events/iommu/$1/hist"
}

# Groups and members straight from sysfs, in the form of the next function.
groups_of_sysfs() {
	local group device

	for group in /sys/kernel/iommu_groups/*; do
		for device in "$group"/devices/*; do
			[ -e "$device" ] || continue
			printf '%s %s %s %s\n' "${group##*/}" "$(cat "$group/type")" "${device##*/}" \
				"$(basename "$(readlink "$device/driver" || echo None)")"
		done
	done | sort
}

groups_of_program() {
	$IOMMUTOP -1 --json >/tmp/once
	json once '"\n".join(sorted("%s %s %s %s" % (g["id"], g["default_type"], d["bdf"], d["driver"])
		for g in last["groups"] for d in g["devices"]))'
}

groups_equal_sysfs() {
	groups_of_sysfs >/tmp/groups.sysfs
	groups_of_program >/tmp/groups.program
	[ -s /tmp/groups.sysfs ]
	diff /tmp/groups.sysfs /tmp/groups.program
}

# The listing has "class [code]: model [ids]", lspci "class: model", and both have the code alone
# where the class is unknown.
list_like_lspci() {
	local code='s/ \[[0-9a-f]{4}\]:/:/'

	lspci -D | sed -E "$code; s/ \(prog-if.*//; s/ \(rev ..\)\$//" | sort >/tmp/lspci
	$IOMMUTOP -1 >/tmp/list.root
	sed -En 's/^\t//p' /tmp/list.root | sed -E "$code; s/ \[[0-9a-f]{4}:[0-9a-f]{4}\].*//" | sort >/tmp/list
	[ -s /tmp/list ]
	diff /tmp/lspci /tmp/list
}

rates_fit_totals() {
	nvme_read 1000
	frames one 3
	json one 'last["totals"]["maps"] - f[1]["totals"]["maps"] >= 1000'
	json one 'abs(sum(x["rates"]["maps_per_s"] * x["interval_s"] for x in f[1:])
		- (last["totals"]["maps"] - f[0]["totals"]["maps"])) < 5'
}

nothing_went_wrong() {
	json one '[(x["lost"], x["late"]) for x in f if x["lost"] or x["late"]] == [] and
		all(h["state"] == "ok" for h in last["health"])'
}

# fault_is_seen read|write IOVA: in a frame that ends not later than the second after it.
fault_is_seen() {
	local frame

	edu_fault "$1" "$2"
	frame=$(frame_count one)
	frames one 3
	json one "faults(f[$frame + 1], device='$(edu_bdf)', direction='$1', iova='$2', source='log')"
	json one "f[$frame + 1]['totals']['faults'] > 0"
}

# rebind DRIVER: within two frames the row has it.
driver_is_seen() {
	local frame

	echo "$1" >"/sys/bus/pci/devices/$card/driver_override"
	if [ -e "/sys/bus/pci/devices/$card/driver" ]; then
		echo "$card" >"/sys/bus/pci/devices/$card/driver/unbind"
		frame=$(frame_count one)
		frames one 3
		json one "device(f[$frame + 1], '$card')['driver'] is None"
	fi
	echo "$card" >/sys/bus/pci/drivers_probe
	frame=$(frame_count one)
	frames one 3
	json one "device(f[$frame + 1], '$card')['driver'] == '$1'"
}

# What does not fit the buffers is told: seen and lost are what the kernel hit. Without probes, whose
# records would be among the lost.
# Of all records: the kernel's own count; where its pages had no room for how many, "at least". Where
# no event of the DMA API is recorded beside them, all are maps and unmaps.
losses_add_up() {
	local hits overrun

	start bare --no-probes --record /tmp/bare.rec
	echo 8 >"$instances/iommutop-${pids[bare]}/buffer_size_kb"
	frames bare 2
	json bare '[last["totals"][k] for k in ("maps", "unmaps", "lost")]' >/tmp/before
	for event in map unmap; do
		echo "$(grep -o 'hist:[^ ]*vals=[^: ]*' "$witness/events/iommu/$event/trigger"):clear" \
			>>"$witness/events/iommu/$event/trigger"
	done
	kill -STOP "${pids[bare]}"
	nvme_read 1000
	kill -CONT "${pids[bare]}"
	frames bare 3
	hits=$(($(histogram map size | cut -d ' ' -f 1) + $(histogram unmap size | cut -d ' ' -f 1)))
	echo "kernel: $hits; before: $(cat /tmp/before)"
	json bare '[last["totals"][k] for k in ("maps", "unmaps", "lost")]'
	overrun=$(cat "$instances/iommutop-${pids[bare]}"/per_cpu/*/stats |
		awk '/^overrun:/ { sum += $2 } END { print sum }')
	echo "records that the kernel overwrote: $overrun"
	if grep '^L.* trace [0-9a-f]* 0 ' /tmp/bare.rec; then
		json bare "0 < last['totals']['lost'] <= $overrun"
	else
		json bare "last['totals']['lost'] == $overrun > 0"
		[ -e "$tracing/events/dma" ] || json bare \
			"sum(last['totals'][k] for k in ('maps', 'unmaps', 'lost')) - sum($(cat /tmp/before)) == $hits"
	fi
	finish bare TERM
}

# One that was killed, and one of which somebody holds a file: it has to stay, and says so.
the_dead_are_swept() {
	launch dead
	launch busy
	started dead
	started busy
	finish dead KILL
	exec 9<"$instances/iommutop-${pids[busy]}/trace_pipe"
	finish busy TERM
	cat /tmp/busy.err
	grep -q "^iommutop: .*iommutop-${pids[busy]} stays" /tmp/busy.err
	exec 9<&-
	alive dead
	alive busy
	start next
	gone dead
	gone busy
	alive one
	finish next TERM
}

cleanup_sweeps() {
	start dead
	finish dead KILL
	alive dead
	$IOMMUTOP --cleanup
	gone dead
	alive one
}

trace_cmd_is_not_disturbed() {
	local events

	trace-cmd record -q -e iommu -o /tmp/trace.dat >/dev/null 2>&1 &
	recorder=$!
	wait_for 60 grep -qx 1 $tracing/events/iommu/map/enable
	start beside
	nvme_read 500
	finish beside TERM
	grep -qx 1 $tracing/events/iommu/map/enable
	nvme_read 500
	kill -INT $recorder
	wait $recorder || true
	events=$(trace-cmd report -i /tmp/trace.dat 2>/dev/null | grep -c ' map: ')
	echo "trace-cmd saw $events maps"
	[ "$events" -ge 1000 ]
}

# others_switch FILE: what somebody else switches in our instance is told.
others_switch() {
	local file

	file=$instances/iommutop-${pids[one]}/$1
	echo 0 >"$file"
	soon one '"map" not in last["classes"] and "unmap" not in last["classes"]'
	[ "$1" != tracing_on ] || {
		soon one 'last["health"][1]["state"] == "partial"' \
			"last['health'][1]['reason'].startswith('echo 1 >$file: ')"
	}
	echo 1 >"$file"
	soon one '"map" in last["classes"] and "unmap" in last["classes"]' \
		'last["health"][1]["state"] == "ok"'
}

adopted_instance_is_left() {
	mkdir $instances/mine
	echo 1 >$instances/mine/events/iommu/unmap/enable
	start adopter --instance mine
	wait_for 30 grep -qx 1 $instances/mine/events/iommu/map/enable
	finish adopter TERM
	grep -qx 0 $instances/mine/events/iommu/map/enable
	grep -qx 1 $instances/mine/events/iommu/unmap/enable
	rmdir $instances/mine
}

# mine_as_found: switches and triggers, ours and those of others.
mine_as_found() {
	(cd $instances/mine && grep -s . tracing_on events/{iommu,intel_iommu}/*/{enable,trigger})
}

# A trigger of somebody else's that is like one of ours, events that he has on, and no recording.
make_mine() {
	mkdir $instances/mine
	echo 0 >$instances/mine/tracing_on
	echo 1 >$instances/mine/events/iommu/unmap/enable
	echo 'hist:keys=size.log2:vals=size:size=128 if size > 0' \
		>>$instances/mine/events/iommu/map/trigger
	mine_as_found >/tmp/mine.found
}

# killed_in_mine MODE COMMAND...: what a killed one changed in somebody else's instance is set back.
killed_in_mine() {
	make_mine
	start adopter --instance mine --collect "$1"
	nvme_read 100
	frames adopter 2
	json adopter 'last["totals"]["maps"] >= 100'
	finish adopter KILL
	grep -qx 1 $instances/mine/tracing_on
	mine_as_found | grep name=iommutop_
	shift
	"$@" >/dev/null
	mine_as_found | diff /tmp/mine.found -
	not grep iommutop_i_mine $tracing/dynamic_events
	rmdir $instances/mine
}

killed_in_one_that_it_made() {
	start maker --instance made
	finish maker KILL
	[ -d $instances/made ]
	$IOMMUTOP --cleanup
	[ ! -d $instances/made ]
}

as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

without_root() {
	as_nobody $IOMMUTOP -1 >/tmp/list.nobody
	diff /tmp/list.root /tmp/list.nobody
	as_nobody $IOMMUTOP --json -d 0.5 -n 6 >/tmp/nobody
	json nobody '[h["state"] for h in last["health"]][:3] == ["ok", "off", "off"]'
	json nobody '"sudo" in last["health"][1]["reason"] and "sudo" in last["health"][2]["reason"]'
	json nobody 'last["totals"]["maps"] is None and last["totals"]["faults"] is None'
	json nobody 'len(last["groups"]) > 5'
}

# switched NAME 0|1: somebody switches the maps of a program that counts them one by one.
switched() {
	echo "$2" >"$instances/iommutop-${pids[$1]}/events/iommu/map/enable"
	soon "$1" "('map' in last['classes']) == bool($2)"
}

# Sides of one session: each event, the kernel's counts, and what is seen without probes; of two of
# them a part of the lists.
declare -A sides=([events]='--collect events' [counts]='--collect counts' [bare]='--no-probes')
declare -A parts=([counts]='-g 3' [bare]='-f nvme')

a_session_is_recorded() {
	local side

	for side in "${!sides[@]}"; do
		# shellcheck disable=SC2086 # words are wanted
		record $side ${sides[$side]} ${parts[$side]-}
	done
	for side in "${!sides[@]}"; do
		started $side
	done
	nvme_read 100
	edu_fault read 0x1230000
	switched events 0
	nvme_read 50
	switched events 1
	edu_fault write 0x1230000
	bind_driver 0000:00:05.0 vfio-pci
	nvme_read 50
	bind_driver 0000:00:05.0 e1000e
	for side in "${!sides[@]}"; do
		frames $side 2
		finish $side TERM
	done
	json events 'last["totals"]["maps"] > 0 and last["health"][1]["state"] == "ok"'
}

side_replays_alike() {
	# shellcheck disable=SC2086 # words are wanted
	replays_alike "$1" ${parts[$1]-}
}

left_as_found() {
	find "$instances" -mindepth 1 -maxdepth 1 | sort
	cat $tracing/events/enable $tracing/tracing_on $tracing/trace_clock $tracing/kprobe_events
	sort /proc/mounts
}

left_as_found >/tmp/found
if [ "$IOMMU" = none ]; then
	$IOMMUTOP --json -d 0.5 -n 2 >/tmp/none
	check 'without an IOMMU it says what is missing' \
		json none 'last["groups"] == [] and len(last["ungrouped"]) > 5 and
			"intel_iommu=on" in last["health"][0]["reason"]'
	check 'and lists the devices behind none' sh -c "$IOMMUTOP -1 | grep -q '^Behind no IOMMU:'"
	left_as_found >/tmp/left
	check 'the machine is left as it was' diff /tmp/found /tmp/left
	plan_done
fi

check 'groups, types, members and drivers are those of sysfs' groups_equal_sysfs
check 'devices are named as by lspci' list_like_lspci

mkdir "$witness"
echo 'hist:keys=common_pid:vals=size' >"$witness/events/iommu/map/trigger"
echo 'hist:keys=common_pid:vals=size,unmapped_size' >"$witness/events/iommu/unmap/trigger"
start one
check 'rates times intervals are the totals' rates_fit_totals
if [ "$IOMMU" = vtd ]; then
	check 'a read fault is seen within two frames' fault_is_seen read 0x5678000
	check 'a write fault, too' fault_is_seen write 0x9abc000
else
	skip 'a fault is seen within two frames' "this emulated $IOMMU reports no fault of edu"
fi
check 'a card handed to vfio-pci is seen within two frames' driver_is_seen vfio-pci
check 'and handed back' driver_is_seen e1000e
check 'nothing was lost or late, all sources are well' nothing_went_wrong
check 'losses are told to the event' losses_add_up
check 'what is dead is swept by the next start, what is held says so, what lives stays' \
	the_dead_are_swept
check '--cleanup sweeps, too' cleanup_sweeps
check 'an instance that was there is left as found' adopted_instance_is_left
check 'one that it was killed in is set back by --cleanup' \
	killed_in_mine counts $IOMMUTOP --cleanup
check 'and by the next start, anywhere' killed_in_mine events $IOMMUTOP --json -d 0.5 -n 1
check 'and by the next one in it' \
	killed_in_mine counts $IOMMUTOP --json -d 0.5 -n 2 --instance mine
check 'one that it had made goes' killed_in_one_that_it_made
check 'without root it shows what works and says what does not' without_root
check 'a session is recorded in many ways' a_session_is_recorded
for side in "${!sides[@]}"; do
	check "a replay ends as the run did: ${sides[$side]} ${parts[$side]-}" side_replays_alike "$side"
done
check 'recording that somebody stopped is told, and that it is back' others_switch tracing_on
check 'events that somebody switched off, too' others_switch events/iommu/enable
check 'the one beside all this is still well' sh -c "kill -0 ${pids[one]} && [ ! -s /tmp/one.err ]"
finish one TERM
check 'and ends cleanly' gone one
rmdir "$witness"
left_as_found >/tmp/left
check 'the machine is left as it was' diff /tmp/found /tmp/left
# Last, because trace-cmd itself does not leave the events as it found them.
check 'a running trace-cmd is not disturbed' trace_cmd_is_not_disturbed
plan_done
