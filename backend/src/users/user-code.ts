// The short code of a device sign-in: made to be read from one screen and typed into another.
import { randomInt } from 'node:crypto';

/** No vowels, so that no words come out, and nothing that looks like something else (RFC 8628, 6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
/** 20 ^ 8 codes: at the pace of the sign-in budget, guessing one of a few that are open for minutes takes thousands of years. */
const LENGTH = 8;

/** Eight capitals, as they are stored. */
export function newUserCode(): string {
  return Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** `BCDFGHJK` as it is shown: `BCDF-GHJK`. */
export function showUserCode(userCode: string): string {
  return `${userCode.slice(0, 4)}-${userCode.slice(4)}`;
}

/** What a person typed, in any case, with or without dash and spaces, as it is stored. */
export function readUserCode(typed: string): string {
  return typed.replace(/[\s-]/g, '').toUpperCase();
}
