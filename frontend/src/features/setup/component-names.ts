// What runs on a server and can be updated there, by its own names, which are the same in each language.
import type { UpdateComponent } from '@buoy/contract';

export const componentNames: Record<UpdateComponent, string> = {
  openclaw: 'OpenClaw',
  node: 'Node.js',
  npm: 'npm',
  ollama: 'Ollama',
};

/** Those whose newest version is known. */
export const offeredComponents = ['openclaw', 'node', 'npm'] as const;
export type OfferedComponent = (typeof offeredComponents)[number];
