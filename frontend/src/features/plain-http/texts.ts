// UI texts about pages that came by plain http.
import { defineTexts } from '../../i18n/texts.ts';

export const plainHttpTexts = defineTexts({
  en: {
    notEncrypted: 'This page is not encrypted.',
    others:
      'Others on the network can read what you see and type, and act as you. Use it only on a trusted network.',
    signInNotKept: 'At this address your browser does not keep you signed in: reloading signs you out.',
    openByHttps: 'Open Buoy over https or on the machine it runs on.',
    whoRunsBuoy:
      'The operator of Buoy can set a certificate (TLS_CERT and TLS_KEY), put an https proxy in front of it or, on a trusted network, allow plain http (ALLOW_INSECURE_HTTP=1).',
  },
  ru: {
    notEncrypted: 'Эта страница не зашифрована.',
    others:
      'Другие в этой сети могут читать то, что вы видите и вводите, и действовать от вашего имени. Пользуйтесь только в доверенной сети.',
    signInNotKept:
      'По этому адресу браузер не запоминает вход: после перезагрузки страницы нужно войти снова.',
    openByHttps: 'Откройте Buoy по https или на машине, где он работает.',
    whoRunsBuoy:
      'Администратор Buoy может задать сертификат (TLS_CERT и TLS_KEY), поставить перед Buoy прокси с https или в доверенной сети разрешить обычный http (ALLOW_INSECURE_HTTP=1).',
  },
  de: {
    notEncrypted: 'Diese Seite ist nicht verschlüsselt.',
    others:
      'Andere im Netz können lesen, was Sie sehen und eingeben, und in Ihrem Namen handeln. Nur in einem vertrauenswürdigen Netz verwenden.',
    signInNotKept:
      'Unter dieser Adresse behält Ihr Browser die Anmeldung nicht: Beim Neuladen werden Sie abgemeldet.',
    openByHttps: 'Öffnen Sie Buoy über https oder auf dem Rechner, auf dem es läuft.',
    whoRunsBuoy:
      'Der Betreiber von Buoy kann ein Zertifikat setzen (TLS_CERT und TLS_KEY), einen https-Proxy davorschalten oder in einem vertrauenswürdigen Netz einfaches http erlauben (ALLOW_INSECURE_HTTP=1).',
  },
});
