#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Metrics in a real kernel, from a program that may do no more than contrib's systemd unit lets it:
# that they are the kernel's own counts, that a guest of another user is named, and what a full disk
# does.
#
#	IOMMUTOP_VM_MEM=3072 tests/vm/run 6.1 vtd tests/vm/fleet.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=programs.sh
. tests/vm/programs.sh
# shellcheck source=witness.sh
. tests/vm/witness.sh

unit=contrib/iommutop-prometheus.service
textfile=/tmp/textfile
metrics=$textfile/iommutop.prom
card=0000:00:05.0

if [ "$IOMMU" = none ]; then
	skip 'metrics are those of the kernel' 'this machine has no IOMMU'
	plan_done
fi

# The capabilities of the unit as setpriv has them: "-all,+syslog,...".
unit_capabilities() {
	sed -n 's/^CapabilityBoundingSet=/-all CAP_/p' $unit | sed 's/ CAP_CAP_/ CAP_/' |
		tr A-Z a-z | sed 's/ cap_/,+/g'
}

# The options of the unit, but for the interval and the place.
unit_options() {
	sed -n 's/^ExecStart=[^ ]* //p' $unit | sed "s|--delay [^ ]*|--delay 0.5|; s|--output .*|--output $metrics|"
}

# With sysfs read-only, and in it tracefs as it was.
start_service() {
	mkdir $textfile
	mount -t tmpfs -o size=128k none $textfile
	# shellcheck disable=SC2016,SC2046 # for the inner shell; words are wanted
	unshare -m bash -c 'mount --rbind /sys /sys && mount -o remount,bind,ro /sys && exec "$@"' - \
		setpriv --bounding-set "$(unit_capabilities)" --inh-caps "$(unit_capabilities)" \
		--no-new-privs $IOMMUTOP $(unit_options) 2>/tmp/service.err &
	pids[service]=$!
	owners[service]=$BASHPID
	trap stop_all EXIT
	wait_for 120 [ -e $metrics ]
}

# has SAMPLE: a whole line of the metrics.
has() {
	grep -qxF "$1" $metrics
}

soon_has() {
	wait_for 60 has "$1" && return 0
	echo "no $1 in"
	grep -v '^#' $metrics
	return 1
}

may_do_no_more() {
	unit_capabilities
	grep -E '^(Cap|NoNew)' "/proc/${pids[service]}/status"
	grep -q '^NoNewPrivs:	1' "/proc/${pids[service]}/status"
	# DAC_READ_SEARCH 2, SYS_PTRACE 19, SYSLOG 34
	grep -q '^CapEff:	0000000400080004' "/proc/${pids[service]}/status"
}

all_sources_do_well() {
	for source in sysfs trace log probes owners; do
		soon_has "iommutop_source_state{source=\"$source\"} 3"
	done
	soon_has 'iommutop_collect_info{mode="counts"} 1'
}

counts_are_the_kernels() {
	witness_agrees_with $metrics
	[ "$(sed -n 's/^iommutop_machine_map_bytes_total //p' $metrics)" -ge $((1000 * 65536)) ]
	# The disk's domain has all of what the disk read.
	bytes=$(sed -n 's/^iommutop_map_bytes_total{.*device="0000:00:04.0".*} //p' $metrics)
	[ "$bytes" -ge $((1000 * 65536)) ]
}

nothing_is_lost() {
	soon_has 'iommutop_lost_total 0'
	soon_has 'iommutop_missed_total 0'
}

# As libvirt has it: QEMU is another user's.
guest_of_another_user() {
	mkdir -p /tmp/fleet.bin
	printf '#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups %s "$@"\n' \
		"$(command -v qemu-system-x86_64)" >/tmp/fleet.bin/qemu-system-x86_64
	chmod +x /tmp/fleet.bin/qemu-system-x86_64
	bind_driver $card vfio-pci
	chown 65534 "/dev/vfio/$(group_of $card)"
	PATH=/tmp/fleet.bin:$PATH start_guest $card vm1
	[ "$(stat -c %u "/proc/$(guest_pid)")" = 65534 ]
	soon_has "iommutop_device_away{device=\"$card\",group=\"$(group_of $card)\",vm=\"vm1\"} 1"
	soon_has 'iommutop_devices_left_total 1'
	wait_for 60 grep '^iommutop_map_bytes_total{.*vm="vm1"} [1-9]' $metrics
}

guest_gives_it_back() {
	stop_guest
	bind_driver $card e1000e
	soon_has 'iommutop_devices_back_total 1'
	not grep '^iommutop_device_away' $metrics
}

full_disk() {
	dd if=/dev/zero of=$textfile/full bs=4k status=none 2>/dev/null || true
	wait_for 60 [ -s /tmp/service.err ]
	cp $metrics /tmp/before
	sleep 2
	cmp $metrics /tmp/before
	[ "$(tail -n 1 /tmp/before | cut -d '{' -f 1)" = iommutop_incomplete ]
	rm $textfile/full
	wait_for 60 eval '! cmp -s $metrics /tmp/before'
	grep 'cannot write .*No space left on device$' /tmp/service.err
	[ "$(wc -l </tmp/service.err)" = 1 ]
	[ "$(stat -c %a $metrics)" = 644 ]
}

nothing_is_left() {
	[ "$ended" = 143 ]
	gone service
	[ "$(find $textfile -type f | wc -l)" = 0 ]
}

witness_open
start_service
check 'it may do what the unit says and no more' may_do_no_more
check 'all sources do well' all_sources_do_well
nvme_read 1000
check 'counts and bytes are those of the kernel' counts_are_the_kernels
check 'nothing is lost' nothing_is_lost
if [ "$IOMMU" = vtd ]; then
	check 'a guest of another user is named' guest_of_another_user
	check 'it gives the card back' guest_gives_it_back
else
	skip 'a guest of another user is named' "no guest on $IOMMU"
fi
check 'on a full disk the last metrics stay, and it is told once' full_disk
finish service TERM
ended=$status
check 'nothing is left' nothing_is_left
witness_close
umount $textfile
plan_done
