// Versions of OpenClaw that people name.
import { z } from 'zod';

export const exactVersion = z.string().regex(/^\d{1,6}(\.\d{1,6}){2}(-[0-9A-Za-z.-]{1,64})?$/, {
  error: 'must be an exact version such as 2026.9.6',
});

export const openclawVersion = z.string().regex(/^(latest|\d{1,6}(\.\d{1,6}){2}(-[0-9A-Za-z.-]{1,64})?)$/, {
  error: 'must be an exact version such as 2026.9.6, or "latest"',
});
