import { expect, it } from 'vitest';
import { codeIn } from '../features/sign-in/wanted-page.ts';
import { startAddress, takeStartPath } from './start-path.ts';

function tab() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

const launch = (startParam: string | null, hash = 'a'.repeat(64)) => ({
  startParam,
  initData: `user=x&hash=${hash}`,
});

it('opens the path of a Telegram link once per launch', () => {
  const storage = tab();
  expect(takeStartPath(launch('s_srv_a1_logs'), storage)).toBe('/servers/srv_a1/logs');
  expect(takeStartPath(launch('s_srv_a1_logs'), storage)).toBeNull();
  expect(takeStartPath(launch('inbox', 'b'.repeat(64)), storage)).toBe('/inbox');
});

it('stays on the first page when a Telegram link names no page', () => {
  expect(takeStartPath(launch(null), tab())).toBeNull();
  expect(takeStartPath(launch('ref_campaign'), tab())).toBeNull();
  expect(takeStartPath(launch('s_srv_a1_nosuchsection'), tab())).toBeNull();
});

it('moves the invite code into the fragment and keeps the launch parameters', () => {
  const path = takeStartPath(launch('i_secret'), tab()) ?? '';
  const address = new URL(startAddress(path, '#tgWebAppData=x&tgWebAppVersion=9.1'), 'https://buoy.example');
  expect(codeIn(address)).toEqual({
    path: '/invite',
    code: 'secret',
    rest: '#tgWebAppData=x&tgWebAppVersion=9.1',
  });
});
