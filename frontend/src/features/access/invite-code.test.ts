import { expect, it } from 'vitest';
import { inviteCodeIn } from './invite-code.ts';

const code = 'Zm9vYmFyLWJhel9xdXV4LTEyMzQ1Njc4OTA';

it.each([
  `https://buoy.example/invite#code=${code}`,
  `Here you are: https://buoy.example/invite#code=${code}. See you there!`,
  `<https://buoy.example/invite#code=${code}>`,
  `  ${code}\n`,
])('finds it in "%s"', (pasted) => {
  expect(inviteCodeIn(pasted)).toBe(code);
});

it.each([
  '',
  'short',
  'please let me in',
  `https://buoy.example/sign-in#code=${code}`,
  'https://buoy.example/invite',
])('finds none in "%s"', (pasted) => {
  expect(inviteCodeIn(pasted)).toBeNull();
});
