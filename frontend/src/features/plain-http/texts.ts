// The words about pages that came by plain http.
import { defineTexts } from '../../i18n/texts.ts';

export const plainHttpTexts = defineTexts({
  en: {
    notEncrypted: 'This page is not encrypted.',
    others:
      'Others on the way can read what you see and type, and act as you. Use it on a trusted network only.',
    signInNotKept: 'At this address your browser keeps no sign-in: a reload signs you out.',
    openByHttps: 'Open Buoy by https, or on the machine that it runs on.',
    whoRunsBuoy:
      'Whoever runs Buoy can give it a certificate (TLS_CERT and TLS_KEY), put a proxy with https before it or, on a trusted network, allow plain http (ALLOW_INSECURE_HTTP=1).',
  },
  ru: {
    notEncrypted: 'Эта страница не зашифрована.',
    others:
      'Другие на пути могут читать то, что вы видите и вводите, и действовать от вашего имени. Пользуйтесь только в доверенной сети.',
    signInNotKept: 'По этому адресу браузер не запоминает вход: после перезагрузки вы выйдете.',
    openByHttps: 'Откройте Buoy по https или на машине, где он работает.',
    whoRunsBuoy:
      'Тот, кто ведёт Buoy, может дать ему сертификат (TLS_CERT и TLS_KEY), поставить перед ним прокси с https или в доверенной сети разрешить обычный http (ALLOW_INSECURE_HTTP=1).',
  },
  de: {
    notEncrypted: 'Diese Seite ist nicht verschlüsselt.',
    others:
      'Andere auf dem Weg können lesen, was Sie sehen und eingeben, und als Sie handeln. Nur in einem vertrauenswürdigen Netz verwenden.',
    signInNotKept:
      'Unter dieser Adresse behält Ihr Browser keine Anmeldung: Nach dem Neuladen sind Sie abgemeldet.',
    openByHttps: 'Öffnen Sie Buoy über https oder auf dem Rechner, auf dem es läuft.',
    whoRunsBuoy:
      'Wer Buoy betreibt, kann ihm ein Zertifikat geben (TLS_CERT und TLS_KEY), einen Proxy mit https davorsetzen oder in einem vertrauenswürdigen Netz einfaches http erlauben (ALLOW_INSECURE_HTTP=1).',
  },
});
