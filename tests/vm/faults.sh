#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Faults as the log and the trace tell them; and a storm of them: what the log has, what it left out,
# how often the unit called, and another device's single fault.
#
#	tests/vm/run 6.1 vtd tests/vm/faults.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=programs.sh
. tests/vm/programs.sh

record=/tmp/one.rec
card=0000:00:05.0
command=/sys/kernel/debug/iommutop_test
fault="device='0000:00:03.0', direction='write', iova='0x1234000'"

# As the kernel counts them: all CPUs of all fault interrupts.
interrupts_of_kernel() {
	awk '/ (dmar[0-9]+|arm-smmu-v3-(evtq|gerror))$/ {
		for (i = 2; $i ~ /^[0-9]+$/; i++) sum += $i } END { print sum + 0 }' /proc/interrupts
}

# The last that was told; a recording has numbers in hexadecimal.
interrupts_told() {
	local text

	text=$(sed -n 's/^A[^ ]* machine - fault_interrupts //p' "$record" | tail -n 1)
	echo $((16#${text:-0}))
}

interrupts_are_told() {
	[ "$(interrupts_told)" = "$(interrupts_of_kernel)" ] ||
		{ echo "told $(interrupts_told), kernel $(interrupts_of_kernel)"; return 1; }
}

# faults_of DEVICE: in the recording.
# The log of newer kernels (7.2) has the segment, that of older ones has not.
faults_of() {
	grep -Ec "^f[^ ]* log (0000:)?${1#0000:} " "$record" || true
}

# fault_is_told read|write IOVA: with device, direction, address and reason.
fault_is_told() {
	local row

	row="device='$(edu_bdf)', direction='$1', iova='$2', source='log'"
	edu_fault "$1" "$2"
	soon one "faults(last, $row)"
	json one "[(x['reason'], x['stream'], x['guessed']) for x in faults(last, $row)]"
	case $IOMMU in
	vtd) json one "any(x['reason'] == 'PTE ${1^} access is not set' for x in faults(last, $row))" ;;
	*) json one "any(x['reason'] == 'F_TRANSLATION' and x['dialect'] == 'smmu_v3' and
			x['stream'] is not None for x in faults(last, $row))" ;;
	esac
}

# A fault that report_iommu_fault() told, and nothing in the log.
traced_fault_is_told() {
	start traced
	echo fault >$command
	soon traced "faults(last, $fault, source='trace')"
	frames traced 2
	json traced "[(x['count'], x['sources']) for x in faults(last, $fault)] == [(1, ['trace'])]" \
		"(last['totals']['faults'], last['totals']['faults_logged']) == (1, 0)"
	finish traced TERM
}

# The trace and the log tell of another one, and it is one.
logged_and_traced_is_one() {
	echo fault_logged >$command
	soon one "faults(last, $fault, source='both')"
	frames one 2
	json one "[(x['count'], x['sources'], x['reason']) for x in faults(last, $fault)]" \
		"[(x['count'], x['sources'], x['dialect']) for x in faults(last, $fault)] ==
			[(1, ['log', 'trace'], 'amd')]" \
		"(last['totals']['faults'], last['totals']['faults_logged']) == (1, 1)"
}

first_value_is_told() {
	wait_for 30 grep -q ' fault_interrupts ' "$record"
	interrupts_are_told
}

one_fault_is_one_interrupt() {
	local before

	before=$(interrupts_of_kernel)
	edu_fault read 0x5678000
	[ "$(interrupts_of_kernel)" -gt "$before" ]
	wait_for 30 interrupts_are_told
	interrupts_are_told
}

storm() {
	echo $card >/sys/bus/pci/devices/$card/driver/unbind
	"$PROGRAMS/dma_storm" $card 0x7654000 10000
	bind_driver $card ''
	# Interrupts that were under way have come when the number stands still.
	wait_for 30 interrupts_are_told
	interrupts_are_told
}

# Ten lines in five seconds, of which a fault takes three: far fewer than were raised.
log_tells_fewer() {
	echo "logged: $(faults_of $card), interrupts: $(interrupts_told)"
	[ "$(faults_of $card)" -ge 1 ]
	[ "$(interrupts_told)" -gt $((100 * $(faults_of $card))) ]
}

# The kernel says so with the next line that it lets through.
held_back_is_told() {
	sleep 6
	edu_fault read 0x1230000
	wait_for 30 grep -q '^s' "$record"
	grep '^s' "$record"
}

single_fault_is_there() {
	wait_for 30 grep -Eq "^f[^ ]* log (0000:)?$(edu_bdf | cut -c 6-) read [0-9a-f]* 1230000 " "$record"
}

if [ "$IOMMU" != vtd ] && [ "$IOMMU" != smmuv3 ]; then
	skip 'fault interrupts' "this emulated $IOMMU reports no fault of edu"
	plan_done
fi
if [ "$IOMMU" = smmuv3 ]; then
	edu_gets_its_group
fi
if [ -n "$MODULE" ]; then
	insmod "$MODULE"
	check 'a fault of the tracepoint is told with device, direction and address' traced_fault_is_told
else
	skip 'faults of the tracepoint' "$MODULE_MISSING"
fi
start one --record $record
if [ -n "$MODULE" ]; then
	check 'one that the log tells, too, is one fault' logged_and_traced_is_one
	rmmod iommutop_test
fi
check 'the fault interrupts since boot are told at the start' first_value_is_told
check 'a fault adds to them' one_fault_is_one_interrupt
check 'a read fault is told with device, direction, address and reason' \
	fault_is_told read 0x2468000
check 'a write fault, too' fault_is_told write 0x1357000
check 'ten thousand faults in a row are told as the interrupts that they raised' storm
if [ "$IOMMU" = vtd ]; then
	check 'the log has only a few of them' log_tells_fewer
	check 'what it held back is told' held_back_is_told
	check "another device's fault is among them" single_fault_is_there
fi
check 'the program goes on' frames one 2
finish one TERM
check 'and ends cleanly' gone one
plan_done
