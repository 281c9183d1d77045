// UI texts about which alerts are sent: from what severity, and of which types.
import { defineTexts } from '../../i18n/texts.ts';

export const alertFilterTexts = defineTexts({
  en: {
    minSeverity: 'Send alerts from',
    severity_warning: 'Warning: all alerts',
    severity_critical: 'Critical: only urgent alerts',
    types: 'Alert types',
  },
  ru: {
    minSeverity: 'Присылать тревоги начиная с',
    severity_warning: 'Предупреждение: все тревоги',
    severity_critical: 'Критическая: только срочные',
    types: 'Виды тревог',
  },
  de: {
    minSeverity: 'Alarme schicken ab',
    severity_warning: 'Warnung: alle Alarme',
    severity_critical: 'Kritisch: nur dringende Alarme',
    types: 'Alarmarten',
  },
});
