// What each state of a server is called, in every language of Buoy. Without zod, so that the clients load nothing else with it.
import type { ServerState } from './servers.ts';

const en: Record<ServerState, string> = {
  up: 'Up',
  down: 'Down',
  unreachable: 'Unreachable',
  unknown: 'Unknown',
  maintenance: 'Maintenance',
  not_set_up: 'Not set up',
};

const ru: Record<ServerState, string> = {
  up: 'Работает',
  down: 'Не работает',
  unreachable: 'Недоступен',
  unknown: 'Неизвестно',
  maintenance: 'Обслуживание',
  not_set_up: 'Не настроен',
};

const de: Record<ServerState, string> = {
  up: 'Läuft',
  down: 'Ausgefallen',
  unreachable: 'Nicht erreichbar',
  unknown: 'Unbekannt',
  maintenance: 'Wartung',
  not_set_up: 'Nicht eingerichtet',
};

export const stateNames = { en, ru, de };
