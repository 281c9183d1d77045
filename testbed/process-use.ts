// CPU time and memory of a process, from proc(5).
import { readFile } from 'node:fs/promises';

/** Milliseconds: /proc counts in hundredths of a second (with the kernel's USER_HZ of 100). */
const TICK_MS = 10;

/** Milliseconds that it has computed since its start, in its own code and in the kernel's (fields 14 and 15 of `stat`). */
export async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
