#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What does the host lose? A disk that is mounted and swapped to, and a card with the default route,
# are named as losses of their groups, through loop devices and a VLAN; and no more once they are not
# in use. Who has a group is held against the process's own status.
#
#	tests/vm/run 6.1 vtd tests/vm/losses.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=programs.sh
. tests/vm/programs.sh

PATH=$PATH:/usr/sbin:/sbin
disk=0000:00:04.0
card=0000:00:02.0
second=0000:00:05.0
held=0000:01:00.0
edu=$(edu_bdf)
nothing='good: nothing of the host'\''s own is known to depend on it'

# top COMMAND...: of busybox, in the root of the machine's first process, which is not this one's.
top() {
	chroot /proc/1/root /bin/busybox "$@"
}

# says BDF EXPRESSION: true of l, the lines of the answer ANSWER on the device's group, each behind
# its tone.
says() {
	local group

	group=$(group_of "$1")
	$IOMMUTOP -1 -g "$group" --json >/tmp/look
	json look "$(printf '[g["answers"]["%s"] for g in last["groups"] if g["id"] == %d]' \
		"$ANSWER" "$group")" \
		"$(printf '(lambda l: %s)([a["tone"] + ": " + a["text"] for g in last["groups"] if g["id"] == %d for a in g["answers"]["%s"]])' \
			"$2" "$group" "$ANSWER")"
}

loses() {
	ANSWER=host_loses says "$@"
}

loses_nothing() {
	loses "$1" "l == [\"$nothing\"]"
}

mounted_disk() {
	mkfs.minix /dev/nvme0n1 >/dev/null
	top mkdir -p /home
	top mount -t minix /dev/nvme0n1 /home
	loses $disk "l == ['bad: $disk (nvme) carries file systems of the host (/home): unmount them first']"
	loses_nothing "$edu"
}

# On top of the root that the machine has, which is memory.
root_disk() {
	mkfs.minix /dev/nvme0n1 >/dev/null
	top mount -t minix /dev/nvme0n1 /
	tail -n 1 /proc/1/mountinfo
	loses $disk "l == ['bad: $disk (nvme) carries the root file system of the host (/): the host stops without it']"
}

swap_on_a_file() {
	top dd if=/dev/zero of=/home/swap bs=64k count=64
	top losetup /dev/loop0 /home/swap
	cat /sys/block/loop0/loop/backing_file
	mkswap /dev/loop0 >/dev/null
	swapon /dev/loop0
	loses $disk 'len(l) == 2 and "swap of the host: swapoff" in l[1]'
	swapoff /dev/loop0
	top losetup -d /dev/loop0
	loses $disk 'len(l) == 1 and "/home" in l[0]'
}

disk_in_use_no_more() {
	top umount /home
	loses_nothing $disk
	mkswap /dev/nvme0n1 >/dev/null
	swapon /dev/nvme0n1
	loses $disk "l == ['bad: $disk (nvme) carries swap of the host: swapoff comes first']"
	swapoff /dev/nvme0n1
	loses_nothing $disk
}

default_route() {
	net_up $card
	busybox ip route add default via 10.0.2.2
	loses $card "l == ['warning: $card (e1000e) is the host\'s way to the network (default route by $(net_interface $card)): connections over it end']"
	loses_nothing $second
	# The router that QEMU has for IPv6 has told of itself, too.
	busybox ip link set "$(net_interface $card)" down
	loses_nothing $card
}

route_by_vlan() {
	busybox ip link add link "$(net_interface $second)" name vlan5 type vlan id 5
	busybox ip link set "$(net_interface $second)" up
	busybox ip link set vlan5 up
	busybox ip route add default dev vlan5
	loses $second 'len(l) == 1 and "(default route by vlan5)" in l[0]'
	loses_nothing $card
	busybox ip link del vlan5
	busybox ip link set "$(net_interface $second)" down
	loses_nothing $second
}

who_has_it() {
	local pid locked

	bind_driver $held vfio-pci
	coproc VFIO {
		exec "$PROGRAMS/vfio_map" $held map 0x100000 4096 301 wait
	}
	# shellcheck disable=SC2153 # coproc sets it
	pid=$VFIO_PID
	read -r -t 60 said <&"${VFIO[0]}"
	[ "$said" = waiting ]
	grep -E '^Vm(Lck|Pin)' "/proc/$pid/status"
	locked=$(awk '/^VmLck/ { print $2 }' "/proc/$pid/status")
	[ "$locked" -gt 0 ]
	ANSWER=held_by says $held "l[0].startswith('plain: vfio_map $pid has ')"
	ANSWER=held_by says $held "'%.1fM' % ($locked / 1024) in l[0] and 'may lock all' in l[0]"
	kill "$pid"
	wait "$pid" || true
	ANSWER=held_by says $held 'l == []'
	bind_driver $held ''
}

if grep -qw minix /proc/filesystems; then
	check 'a mounted disk is a loss' mounted_disk
	check 'swap on a file of it, by a loop device' swap_on_a_file
	check 'a disk in use no more is none, until it is swapped to' disk_in_use_no_more
	check 'a root disk is one, and said to be that' root_disk
else
	skip 'a mounted disk is a loss' 'this kernel has no minix file system'
fi
check 'the card with the default route is a loss' default_route
if [ -e /proc/net/vlan ]; then
	check 'the card below a VLAN with the default route is one' route_by_vlan
else
	skip 'the card below a VLAN with the default route is one' 'this kernel has no 802.1Q'
fi
check 'who has a group, and the memory it has locked' who_has_it
plan_done
