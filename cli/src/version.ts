// The version of Buoy, whose command line this is.
import manifest from '../../package.json' with { type: 'json' };

export const version: string = manifest.version;
