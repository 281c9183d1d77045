// Disk, inodes and memory of a server that are nearly used up.
import type { OpenclawStatus, Thresholds } from '@buoy/contract';
import type { HostVitals } from '../openclaw/host/vitals.ts';
import { type AlertKey, type Condition, condition, percent } from './condition.ts';

type Space = NonNullable<OpenclawStatus['disk']>;

/** Unlike that of the disk itself, which has none: both may be full. */
export const inodesKey: AlertKey = { type: 'disk_full', subject: 'inodes' };

export function diskConditions(disk: OpenclawStatus['disk'], thresholds: Thresholds): Condition[] {
  const share = disk === null ? 0 : usedShare(disk.totalBytes, disk.availableBytes);
  const severity = severityOf(share, thresholds);
  if (disk === null || severity === null) return [];
  return [
    condition('disk_full', severity, `The disk of the server is ${percent(share)} full.`, leftOf(disk)),
  ];
}

export function inodeConditions(inodes: HostVitals['inodes'], thresholds: Thresholds): Condition[] {
  const share = inodes === null ? 0 : usedShare(inodes.total, inodes.free);
  const severity = severityOf(share, thresholds);
  if (inodes === null || severity === null) return [];
  const cause = `The disk of the server has used ${percent(share)} of its inodes. Without any left, no file can be created, however much space is free.`;
  const evidence = `${inodes.free} of ${inodes.total} inodes free. Delete folders with many small files.`;
  return [condition(inodesKey.type, severity, cause, evidence, inodesKey.subject)];
}

export function memoryConditions(
  memory: OpenclawStatus['memory'],
  { memoryWarnShare }: Thresholds,
): Condition[] {
  const share = memory === null ? 0 : usedShare(memory.totalBytes, memory.availableBytes);
  if (memory === null || share < memoryWarnShare) return [];
  const cause = `${percent(share)} of the server's memory is in use.`;
  return [condition('memory_high', 'warning', cause, leftOf(memory))];
}

function severityOf(share: number, { diskWarnShare, diskCriticalShare }: Thresholds) {
  if (share >= diskCriticalShare) return 'critical';
  return share >= diskWarnShare ? 'warning' : null;
}

function usedShare(total: number, available: number): number {
  return total === 0 ? 0 : 1 - available / total;
}

function leftOf({ availableBytes, totalBytes }: Space): string {
  return `${gibibytes(availableBytes)} of ${gibibytes(totalBytes)} free.`;
}

export function gibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
