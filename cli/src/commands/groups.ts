// What the nouns with verbs of their own are, for the help that shows each as one line.

export const groups: Readonly<Record<string, string>> = {
  'access invites': 'Invites that can still be used',
  'openclaw agents': 'Agents, their files, skills, channels and keys',
  'openclaw agents files': 'The files that an agent is made of',
  'openclaw agents skills': 'Which skills an agent may use',
  'openclaw agents bindings': 'Which channels and conversations an agent answers',
  'openclaw agents keys': 'Keys of model providers',
  'openclaw sessions': 'Conversations: read, send, stop, tidy up',
  'openclaw skills': 'Skills: list, search, install, upload, switch',
  'openclaw config': 'The config: read, compare, change, go back',
  'openclaw models': 'Models and the default one',
  'openclaw channels': 'Chat channels: list, start, stop',
  'openclaw cron': 'Scheduled jobs',
  'openclaw exec-policy': 'Which commands agents may run, and when they must ask',
  'admin users': 'People: list, invite, approve, refuse, disable, enable, change, link',
  'admin backups': 'The backups of Buoy: list, make, fetch',
  'admin audit': 'The audit log: read it, export it',
};
