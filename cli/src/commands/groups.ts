// Summaries of the command groups, which the help shows as one line each.

export const groups: Readonly<Record<string, string>> = {
  'access invites': 'Invites that can still be used',
  'openclaw agents': 'Agents, their files, skills, channels and keys',
  'openclaw agents files': 'Files that define an agent',
  'openclaw agents skills': 'Which skills an agent may use',
  'openclaw agents bindings': 'Which channels and conversations an agent answers',
  'openclaw agents keys': 'API keys of model providers',
  'openclaw sessions': 'Conversations: read, send, stop, clean up',
  'openclaw snapshots': 'Snapshots: list, create, verify, restore, download, delete',
  'openclaw skills': 'Skills: list, search, install, upload, enable, disable',
  'openclaw config': 'The config: read, compare, change, roll back',
  'openclaw models': 'Models, and the default model',
  'openclaw channels': 'Chat channels: list, start, stop',
  'openclaw cron': 'Scheduled jobs',
  'openclaw exec-policy': 'Which commands agents may run, and when they must ask',
  'admin users': 'People: list, invite, approve, refuse, disable, enable, change, link',
  'admin backups': 'Backups of Buoy: list, create, download',
  'admin audit': 'The audit log: read, export',
  'notifications channels': 'Where your notifications go: list, add, confirm, update, remove, test',
  'notifications channels add':
    'Add a Telegram chat, an e-mail address or a webhook; browsers subscribe in the web app',
};
