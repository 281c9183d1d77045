// UI texts: the name of each alert type.
import { defineTexts } from '../../i18n/texts.ts';

export const alertTypeTexts = defineTexts({
  en: {
    alert_gateway_down: 'Gateway is down',
    alert_connection_failed: 'Server is unreachable',
    alert_channel_down: 'Channel is disconnected',
    alert_token_overflow: 'Session context is nearly full',
    alert_disk_full: 'Disk is nearly full',
    alert_memory_high: 'Memory is nearly full',
    alert_api_errors: 'Model provider returns errors',
    alert_cron_failed: 'Scheduled job failed',
    alert_config_reverted: 'OpenClaw restored its previous config',
    alert_update_failed: 'Update failed',
    alert_monitor_error: 'Buoy cannot check a server',
  },
  ru: {
    alert_gateway_down: 'Шлюз не работает',
    alert_connection_failed: 'Сервер недоступен',
    alert_channel_down: 'Канал отключился',
    alert_token_overflow: 'Контекст сеанса почти заполнен',
    alert_disk_full: 'Диск почти заполнен',
    alert_memory_high: 'Память почти заполнена',
    alert_api_errors: 'Поставщик модели возвращает ошибки',
    alert_cron_failed: 'Не удалось задание по расписанию',
    alert_config_reverted: 'OpenClaw восстановил прежние настройки',
    alert_update_failed: 'Не удалось обновление',
    alert_monitor_error: 'Buoy не может проверить сервер',
  },
  de: {
    alert_gateway_down: 'Gateway steht',
    alert_connection_failed: 'Server ist nicht erreichbar',
    alert_channel_down: 'Kanal ist getrennt',
    alert_token_overflow: 'Kontext einer Sitzung ist fast voll',
    alert_disk_full: 'Datenträger ist fast voll',
    alert_memory_high: 'Arbeitsspeicher ist fast voll',
    alert_api_errors: 'Modellanbieter meldet Fehler',
    alert_cron_failed: 'Geplanter Auftrag ist fehlgeschlagen',
    alert_config_reverted: 'OpenClaw hat die vorige Konfiguration wiederhergestellt',
    alert_update_failed: 'Aktualisierung ist fehlgeschlagen',
    alert_monitor_error: 'Buoy kann einen Server nicht prüfen',
  },
});
