// UI texts: the name of each alert type.
import { alertNames } from '@buoy/contract/alert-names';
import type { AlertType } from '@buoy/contract/constants';
import { defineTexts } from '../../i18n/texts.ts';

type Keys = { [T in AlertType as `alert_${T}`]: string };

function byKey(names: Record<AlertType, string>): Keys {
  return Object.fromEntries(Object.entries(names).map(([type, name]) => [`alert_${type}`, name])) as Keys;
}

export const alertTypeTexts = defineTexts({
  en: byKey(alertNames.en),
  ru: byKey(alertNames.ru),
  de: byKey(alertNames.de),
});
