// The table of reads that are tested while a gateway is down names each read of the contract.
import { contract } from '@buoy/contract';
import { expect, test } from 'vitest';
import { isRead, rows } from './support/openclaw-reads.ts';

test('the reviewed rows match the reads of the contract', () => {
  expect(Object.keys(rows).sort()).toEqual(Object.keys(contract).filter(isRead).sort());
});
