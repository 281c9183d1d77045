/** `npm run test:long`: what repeats for certainty's sake is repeated often. */
export const isLongRun = process.env.TEST_LONG === '1';
