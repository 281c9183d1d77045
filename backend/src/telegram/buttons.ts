// What the buttons of messages carry: at most 64 bytes, which come back when somebody presses one. Whoever presses it must be asked for their role.
import { repairChoice, repairSteps } from '@buoy/contract';
import { z } from 'zod';

const id = z.string().regex(/^[A-Za-z]{1,8}_[A-Za-z0-9]{1,40}$/);
const press = z.union([
  z.tuple([z.literal('ack'), id]),
  z.tuple([z.literal('snooze'), id]),
  z.tuple([z.literal('repair'), id]),
  // Of a message from before steps had a choice; the API refuses a rollback without one.
  z.tuple([z.literal('run'), id, z.enum(repairSteps)]),
  z.tuple([z.literal('run'), id, z.enum(repairSteps), repairChoice]),
]);

/** The alert for `ack` and `snooze`, the server for `repair` and `run`. */
export type ButtonPress = z.output<typeof press>;

export function buttonData(value: ButtonPress): string {
  return value.join(':');
}

/** null: a button of another program, or of another version of Buoy. */
export function parseButtonData(data: string): ButtonPress | null {
  return press.safeParse(data.split(':')).data ?? null;
}
