#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The doctor on a machine as usual, with and without root, and the recipe, followed to the letter.
#
#	tests/vm/run 6.1 vtd tests/vm/doctor.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=doctor_lib.sh
. tests/vm/doctor_lib.sh

tracing=/sys/kernel/tracing
# What the doctor says of these boots: AMD's machine has an option of Intel's.
case $IOMMU in
amd) usual=3 ;;
none) usual=4 ;;
*) usual=0 ;;
esac

usual_boot() {
	examine 0
	says good "The IOMMU is on: 1 unit (Intel VT-d: dmar0), $(groups) groups"
	says good 'Options on the kernel.s command line, of which it refused none: .*intel_iommu=on'
	says plain "Default domains of the groups: $(groups) strict"
	says good 'Interrupts are remapped'
	says good 'vfio-pci is there'
	says good 'Tracing works'
	says good 'Probes work'
	says good "The kernel's log can be read"
	not grep -E '^(bad|warning|unknown)' /tmp/doctor
}

option_of_the_other_maker() {
	examine 3
	says warning "intel_iommu=on has no effect: it is for Intel's IOMMUs, and this machine has AMD's"
	says good 'The IOMMU is on: 1 unit (AMD-Vi: ivhd0)'
	says good 'Interrupts are remapped'
	[ "$(grep -cE '^(bad|warning|unknown)' /tmp/doctor)" = 1 ]
}

nothing_is_left() {
	ls $tracing/instances >/tmp/instances.before
	cat $tracing/dynamic_events >/tmp/events.before
	examine "$usual"
	ls $tracing/instances | diff /tmp/instances.before -
	diff /tmp/events.before $tracing/dynamic_events
}

json_says_the_same() {
	examine "$usual"
	$IOMMUTOP --doctor --json >/tmp/doctor.json || [ $? = "$usual" ]
	/usr/bin/python3 - /tmp/doctor /tmp/doctor.json "$usual" <<'PY'
import json, sys
report = json.load(open(sys.argv[2]))
assert report["verdict"] == {"0": "fine", "3": "warnings", "4": "not_usable"}[sys.argv[3]], report
lines = [line.rstrip("\n") for line in open(sys.argv[1])]
tones = {"plain": ""}
assert lines == ["%-8s %s" % (tones.get(f["tone"], f["tone"]), f["text"]) for f in report["findings"]]
PY
}

without_root() {
	as=nobody examine 3
	says good 'The IOMMU is on: 1 unit'
	says warning 'Tracing does not work: run it with sudo'
	says warning "The kernel's log cannot be read: run it with sudo"
	says unknown 'Whether the kernel knew its options is not known'
	says plain 'Options on the kernel.s command line: '
	not grep '^bad' /tmp/doctor
}

# A log that no longer reaches back: what was said at the boot is unknown, not absent.
log_overwritten() {
	printf '6,4711,90000000,-;usb 1-1: new device\n' >/tmp/late.kmsg
	extra='--kmsg /tmp/late.kmsg' examine 3
	says unknown 'Whether the kernel knew its options is not known: its log no longer reaches'
	says plain 'Options on the kernel.s command line: '
}

# saw EVENT FIELD...: a line of the report has them all.
saw() {
	local event=$1 field pattern

	shift
	pattern=" $event: .*"
	for field; do
		pattern+="$field=.*"
	done
	grep -qE "$pattern" /tmp/report
}

recipe() {
	cp $tracing/kprobe_events /tmp/probes.before
	$IOMMUTOP --recipe >/tmp/recipe.long
	cat /tmp/recipe.long
	not grep -q 'Not to be had' /tmp/recipe.long
	sed 's/sleep 30/sleep 4/' /tmp/recipe.long >/tmp/recipe
	(
		wait_for 30 grep -qx 1 $tracing/events/iommutop/map/enable
		nvme_read 100
	) &
	(cd /tmp && bash -e recipe)
	wait
	diff /tmp/probes.before $tracing/kprobe_events
	not grep iommutop $tracing/dynamic_events
	trace-cmd report -i /tmp/iommutop.dat >/tmp/report 2>/dev/null
	saw map domain iova size prot
	saw unmap domain iova size type
	saw group group def domain type
	saw member group dev name
	[ "$(grep -c ' group: *(' /tmp/report)" = "$(groups)" ]
	# Each map of the kernel's own event lies in one of the probe's.
	[ "$(grep -c ' map: *IOMMU' /tmp/report)" -ge 100 ]
	[ "$(grep -c ' map: *(' /tmp/report)" -ge "$(grep -c ' map: *IOMMU' /tmp/report)" ]
}

recipe_without_root() {
	$IOMMUTOP --recipe >/tmp/recipe.root
	setpriv --reuid=65534 --regid=65534 --clear-groups "$IOMMUTOP" --recipe | diff /tmp/recipe.root -
}

if [ "$IOMMU" = vtd ]; then
	check 'the usual boot: on, options taken, all can be watched' usual_boot
	check 'without root: what is missing is said' without_root
	check 'a log that begins later leaves the boot unknown' log_overwritten
fi
if [ "$IOMMU" = amd ]; then
	check 'an option for the other maker is named, and nothing else' option_of_the_other_maker
fi
check 'JSON says the same' json_says_the_same
check 'nothing is left behind' nothing_is_left
if [ "$IOMMU" != none ]; then
	check 'the recipe records what it promises, and removes what it made' recipe
fi
check 'the recipe is the same without root' recipe_without_root
plan_done
