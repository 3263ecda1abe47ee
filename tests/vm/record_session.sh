# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Records tests/fixtures/sessions/lab.rec: disk and network traffic, faults in both directions, a
# network card handed to vfio-pci and taken back. From the root of the tree:
#
#	IOMMUTOP_VM_OUT=DIR tests/vm/run 6.1 vtd tests/vm/record_session.sh; cp DIR/lab.rec ...

. tests/vm/lib.sh

card=0000:01:00.0

bind() {
	echo "$2" >"/sys/bus/pci/devices/$1/driver_override"
	if [ -e "/sys/bus/pci/devices/$1/driver" ]; then
		echo "$1" >"/sys/bus/pci/devices/$1/driver/unbind"
	fi
	sleep 1
	echo "$1" >/sys/bus/pci/drivers_probe
}

rm -f "$OUT/lab.rec"
$IOMMUTOP --json --record "$OUT/lab.rec" >"$OUT/lab.json" &
watcher=$!
sleep 2.5
nvme_read 30
sleep 1
net_up
busybox ping -c 3 10.0.2.2 >/dev/null 2>&1 || true
edu_fault read 0x5678000
sleep 1
nvme_read 40
bind "$card" vfio-pci
sleep 1
edu_fault write 0x9abc000
bind "$card" e1000e
sleep 1
nvme_read 20
sleep 2
kill -TERM "$watcher"
wait "$watcher" || true
