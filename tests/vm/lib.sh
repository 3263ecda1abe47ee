# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For scripts that tests/vm/run runs in the guest, which start in the root of the tree:
#
#	. tests/vm/lib.sh
#	check 'the disk can be read' nvme_read 10
#	plan_done

tap_count=0
tap_failed=0
tap_log=/tmp/tap.log

# ok NAME, not_ok NAME [DETAIL]: one line of TAP. They return 0: a failure shows in plan_done.
ok() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "$1"
}

not_ok() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$1"
	if [ -n "${2:-}" ]; then
		printf '%s\n' "$2" | sed 's/^/# /'
	fi
}

# skip NAME REASON
skip() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

# check NAME CMD...: ok when CMD succeeds; else what it printed is the detail. CMD runs in a
# subshell under set -e: a function fails with its first failing step, and keeps no variables.
check() {
	local name=$1 flags=$- status

	shift
	set +e
	(
		set -e
		"$@"
	) >"$tap_log" 2>&1
	status=$?
	case $flags in
	*e*) set -e ;;
	esac
	if [ $status = 0 ]; then
		ok "$name"
	else
		not_ok "$name" "$(
			printf 'exit status %d of: %s\n' "$status" "$*"
			tail -n 50 "$tap_log"
		)"
	fi
}

# not CMD...: as "! CMD", but set -e heeds it.
not() {
	! "$@"
}

# The last line of a script: its exit status is 1 when anything failed.
plan_done() {
	printf '1..%d\n' "$tap_count"
	if [ "$tap_failed" -gt 0 ]; then
		printf '# %d of %d failed\n' "$tap_failed" "$tap_count"
		exit 1
	fi
	exit 0
}

# wait_for SECONDS CMD...: until CMD succeeds; 1 when it did not in that time.
wait_for() {
	local end=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -gt $end ]; then
			return 1
		fi
		sleep 0.1
	done
}

# nvme_read COUNT: that many reads of 64 KiB past the page cache, so each maps and unmaps.
nvme_read() {
	dd if=/dev/nvme0n1 of=/dev/null bs=64k count="$1" iflag=direct status=none
}

# net_interface [BDF]: the network interface of a PCI device.
net_interface() {
	local dir

	for dir in "/sys/bus/pci/devices/${1:-0000:00:02.0}/net/"*; do
		if [ -e "$dir" ]; then
			basename "$dir"
			return 0
		fi
	done
	return 1
}

# net_up [BDF]: brings that card up, which maps its rings. QEMU's own address answers pings.
net_up() {
	local interface

	interface=$(net_interface "${1:-}") || return 1
	busybox ip link set "$interface" up || return 1
	wait_for 20 grep -q 1 "/sys/class/net/$interface/carrier" || return 1
	busybox ip address add 10.0.2.15/24 dev "$interface" 2>/dev/null || true
}

# The first edu device, the one on the root bus.
edu_bdf() {
	local dir

	for dir in /sys/bus/pci/devices/*; do
		if [ "$(cat "$dir/vendor" "$dir/device")" = $'0x1234\n0x11e8' ]; then
			basename "$dir"
			return 0
		fi
	done
	return 1
}

# On an SMMU the device has a group, and what refuses it, only from its first driver on.
edu_gets_its_group() {
	local bdf

	bdf=$(edu_bdf) || return 1
	bind_driver "$bdf" vfio-pci || return 1
	echo "$bdf" >"/sys/bus/pci/devices/$bdf/driver/unbind"
}

# edu_fault read|write IOVA [BDF]: the device asks for an address below 0x10000000 that nobody
# mapped for it; the kernel logs a fault of that direction.
edu_fault() {
	"$PROGRAMS/edu_dma" "${3:-$(edu_bdf)}" "$1" "$2"
}

# group_of BDF: the number of its IOMMU group; fails where it has none.
group_of() {
	local link

	link=$(readlink "/sys/bus/pci/devices/$1/iommu_group") || return 1
	basename "$link"
}

# bind_driver BDF DRIVER: the device leaves the driver it has and gets this one; an empty DRIVER is
# the one that the kernel would choose.
bind_driver() {
	local device=/sys/bus/pci/devices/$1

	if [ -e "$device/driver" ]; then
		echo "$1" >"$device/driver/unbind" || return 1
	fi
	echo "$2" >"$device/driver_override" || return 1
	echo "$1" >/sys/bus/pci/drivers_probe || return 1
	[ -e "$device/driver" ] || return 1
	[ -z "$2" ] || [ "$(basename "$(readlink "$device/driver")")" = "$2" ]
}

# start_guest BDF NAME [QEMU-ARGS...]: a virtual machine of 256 MB in the guest takes the device,
# which is bound to vfio-pci. Returns when its memory is mapped. Give this guest 3 GB:
# IOMMUTOP_VM_MEM=3072.
start_guest() {
	local bdf=$1 name=$2

	shift 2
	(
		ulimit -l unlimited
		exec qemu-system-x86_64 -machine q35 -accel tcg -m 256 -nographic -nodefaults \
			-serial none -monitor none -device "vfio-pci,host=$bdf" \
			-name "guest=$name" "$@" </dev/null >/tmp/guest.log 2>&1
	) &
	echo $! >/tmp/guest.pid
	disown # its end is no news of the shell's
	if ! wait_for 120 guest_has_device; then
		cat /tmp/guest.log
		return 1
	fi
}

guest_pid() {
	cat /tmp/guest.pid
}

# QEMU gets the device's descriptor after it has mapped the memory.
guest_has_device() {
	readlink "/proc/$(guest_pid)/fd/"* | grep -q vfio-device
}

# Ended: all its descriptors are closed, even if nobody has waited for it yet.
guest_has_ended() {
	! grep -q '^State:[[:space:]]*[^ZX]' "/proc/$(guest_pid)/status"
}

# stop_guest [SIGNAL]: returns when it has given everything back. The device keeps its driver.
stop_guest() {
	kill "-${1:-TERM}" "$(guest_pid)"
	wait_for 60 guest_has_ended
}
