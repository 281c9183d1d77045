// What each type of alert is called, in every language of Buoy. Without zod, so that the clients load nothing else with it.
import type { AlertType } from './constants.ts';

const en: Record<AlertType, string> = {
  gateway_down: 'Gateway is down',
  connection_failed: 'Server is unreachable',
  channel_down: 'Channel is disconnected',
  token_overflow: 'Session context is nearly full',
  disk_full: 'Disk is nearly full',
  memory_high: 'Memory is nearly full',
  api_errors: 'Model provider returns errors',
  cron_failed: 'Scheduled job failed or did not run',
  config_reverted: 'OpenClaw restored its previous config',
  update_failed: 'Update failed',
  clock_skew: 'Clock is wrong',
  expiring: 'Certificate or sign-in expires',
  monitor_error: 'Buoy cannot check a server',
};

const ru: Record<AlertType, string> = {
  gateway_down: 'Шлюз не работает',
  connection_failed: 'Сервер недоступен',
  channel_down: 'Канал отключился',
  token_overflow: 'Контекст сеанса почти заполнен',
  disk_full: 'Диск почти заполнен',
  memory_high: 'Память почти заполнена',
  api_errors: 'Поставщик модели возвращает ошибки',
  cron_failed: 'Задание по расписанию не удалось или не запустилось',
  config_reverted: 'OpenClaw восстановил прежние настройки',
  update_failed: 'Не удалось обновление',
  clock_skew: 'Часы идут неверно',
  expiring: 'Истекает сертификат или вход',
  monitor_error: 'Buoy не может проверить сервер',
};

const de: Record<AlertType, string> = {
  gateway_down: 'Gateway steht',
  connection_failed: 'Server ist nicht erreichbar',
  channel_down: 'Kanal ist getrennt',
  token_overflow: 'Kontext einer Sitzung ist fast voll',
  disk_full: 'Datenträger ist fast voll',
  memory_high: 'Arbeitsspeicher ist fast voll',
  api_errors: 'Modellanbieter meldet Fehler',
  cron_failed: 'Geplanter Auftrag fehlgeschlagen oder ausgefallen',
  config_reverted: 'OpenClaw hat die vorige Konfiguration wiederhergestellt',
  update_failed: 'Aktualisierung ist fehlgeschlagen',
  clock_skew: 'Uhr geht falsch',
  expiring: 'Zertifikat oder Anmeldung läuft ab',
  monitor_error: 'Buoy kann einen Server nicht prüfen',
};

export const alertNames = { en, ru, de };
