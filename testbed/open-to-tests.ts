// Settings under which a test's people may add its servers, which are on this machine: the defaults refuse both.

export const OPEN_TO_TESTS = { SIGN_UP: 'open', SSH_DENIED_NETWORKS: '' } as const;
