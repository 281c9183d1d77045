// What a person is called where only parts of the name are known.
import { visibleText } from '@buoy/contract/visible-text';

type Person = { id: string; username: string | null; firstName: string | null; lastName?: string | null };

/** "Ada Lovelace (@ada)", "@ada", or the id of a person who has not signed in yet. */
export function personName({ id, username, firstName, lastName = null }: Person): string {
  const name = [firstName, lastName].filter((part) => part !== null).join(' ');
  if (name !== '') return visibleText(username === null ? name : `${name} (@${username})`);
  return visibleText(username === null ? id : `@${username}`);
}
