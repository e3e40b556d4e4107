// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every sentence of the page, in Russian and in English.  One says what is so, the next what to do.  What is not known
// is called unknown.

const DAY = 86400;

const ru = {
  brand: 'Профбилет',
  otherLanguage: ['en', 'English'],
  pageTitle: 'Проверка карты · Профбилет',

  startTitle: 'Проверка карты',
  startLead: 'Наведите камеру на код на обороте профсоюзного билета',
  checkingTitle: 'Проверяем',
  cameraTitle: 'Держите код в кадре',

  validTitle: 'Действует',
  validLead: day => `Профсоюзный билет, годен до ${day}`,
  uncheckedTitle: 'Не проверено',
  uncheckedLead: 'Списка заблокированных для этой карты здесь нет',
  uncheckedAdvice: 'Подпись верна, но карту могли заблокировать. Подключитесь к сети и обновите списки.',
  oldTitle: 'Список устарел',
  oldStatusLead: days => `Списку заблокированных ${days}`,
  oldTrustLead: days => `Списку организаций ${days}`,
  oldAdvice: 'Подпись верна, но карту могли заблокировать позже. Подключитесь к сети и обновите списки.',
  agedStrip: days => `Списку заблокированных ${days}: обновите его`,
  expiredTitle: 'Истекла',
  expiredLead: day => `Срок закончился ${day}`,
  expiredAdvice: 'Нужна новая карта. Её заказывает председатель первичной организации.',
  earlyTitle: 'Ещё не действует',
  earlyLead: day => `Начнёт действовать ${day}`,
  revokedTitle: 'Не действует',
  revokedLead: 'Карта заблокирована',
  revokedAdvice: 'Не принимайте карту. Владелец может узнать причину в организации, которая её выдала.',
  refusedTitle: 'Не действует',
  refusedLead: 'Ключ, которым подписана карта, больше не принимается',
  refusedAdvice: 'Не принимайте карту. Владельцу нужна новая.',
  forgedTitle: 'Подделка',
  forgedLead: 'Подпись не сходится с тем, что написано',
  forgedAdvice: 'Не принимайте карту и сообщите о ней организации, чьё имя на ней стоит.',
  unknownTitle: 'Неизвестно чья',
  unknownLead: 'Подписи нет в списке наших организаций',
  unknownAdvice:
    'Это не значит «поддельная»: возможно, организация новая. Обновите списки и проверьте ещё раз. До этого не принимайте.',
  noListsTitle: 'Нет списков',
  noListsLead: 'Без списка организаций подпись не с чем сравнить',
  noListsAdvice: 'Подключитесь к сети один раз или откройте файл списков, который дала организация.',
  testTitle: 'Учебная',
  testLead: 'Не билет: прав не даёт, не принимать',
  testAdvice: 'Карта сделана для обучения или наладки.',
  foreignTitle: 'Не билет',
  foreignLead: 'В этом коде что-то другое',
  foreignAdvice: 'Код профсоюзного билета — на обороте карты.',
  unreadTitle: 'Не прочитать',
  unreadLead: 'Это не билет, или код повреждён и прочитан не весь',
  unreadAdvice: 'Протрите карту и наведите камеру ещё раз.',
  clockTitle: 'Часы отстают',
  clockLead: day => `На этом устройстве ${day}, а списки подписаны позже`,
  clockAdvice: 'Поставьте верную дату и проверьте ещё раз.',

  matchTitle: 'Сверьте с картой в руках',
  matchName: 'Имя',
  matchMember: 'Членский №',
  matchCard: 'Карта',
  matchDay: 'Годна до',
  matchOrganisation: 'Организация',
  provenTitle: 'Что доказано',
  signedBy: name => `Напечатанное подписано: ${name}`,
  signedTest: 'Подписано учебным ключом',
  notRefused: 'Не заблокирована',
  notRefusedThen: 'На день списка не заблокирована',
  isRefused: 'Есть в списке заблокированных',
  notLooked: 'Заблокирована ли карта — неизвестно',
  statusAge: (when, days) => `Список заблокированных: ${when}, ему ${days}`,
  trustAge: (when, days) => `Список организаций: ${when}, ему ${days}`,
  copyWarning: 'Копию по коду не отличить: сверьте имя и смотрите на фото. Подлинник доказывает только чип.',
  unknownKey: kid => `Ключ подписи ${kid} нам неизвестен`,
  badSignature: 'Подпись не сходится',
  expiredLine: day => `Срок прошёл: ${day}`,
  earlyLine: day => `Срок начнётся: ${day}`,
  refusedLine: 'Ключ организации не принимается',
  faultLine: fault => `Подробность для мастера: ${fault}`,

  scanButton: 'Навести камеру',
  againButton: 'Проверить другую',
  stopButton: 'Остановить камеру',
  photoButton: 'Выбрать фото кода',
  moreTitle: 'Списки и ввод вручную',
  typedLabel: 'Адрес из кода',
  typedButton: 'Проверить',
  listsTitle: 'Списки на этом устройстве',
  listNone: 'Списков ещё нет',
  listTrust: (number, when, days) => `Список организаций № ${number}: ${when}, ему ${days}`,
  listStatus: (code, number, when, days) => `Заблокированные, ${code}/${number}: ${when}, ему ${days}`,
  renewButton: 'Обновить списки',
  fetchButton: 'Обновить по сети',
  fileButton: 'Взять из файла',
  rootNote: 'Отпечаток корня, которому верит эта страница. Сверьте его с бумагой из краевого комитета:',
  rootNone: 'Корня ещё нет',
  nothingSent: 'Карта проверяется на этом устройстве. О ней ничего не отправляется.',
  offlineReady: 'Работает и без сети.',

  noCamera: 'Камера не включилась. Разрешите её в настройках браузера или выберите фото кода.',
  noScanner: 'Сканер на этой странице не установлен. Откройте код камерой телефона или введите адрес.',
  nothingFound: 'На фото не видно кода. Снимите его ближе и при свете.',
  noNetwork: 'Нет связи. Списки прежние.',
  listsTaken: 'Списки обновлены.',
  listsSame: 'Новее списков нет.',
  listsRefused: fault => `Не всё принято: ${fault}`,
  fileWrong: 'Это не файл списков.',
  rootsChanged: 'Сервер предлагает другой корень. Страница верит прежнему: спросите краевой комитет.',

  days: { one: 'день', few: 'дня', many: 'дней', other: 'дня' },
  today: 'меньше дня',
};

const en = {
  brand: 'Profbilet',
  otherLanguage: ['ru', 'Русский'],
  pageTitle: 'Check a card · Profbilet',

  startTitle: 'Check a card',
  startLead: 'Point the camera at the code on the back of a union card',
  checkingTitle: 'Checking',
  cameraTitle: 'Keep the code in the frame',

  validTitle: 'Valid',
  validLead: day => `Union membership card, valid to ${day}`,
  uncheckedTitle: 'Not checked',
  uncheckedLead: 'There is no list of blocked cards here for this one',
  uncheckedAdvice:
    'The signature is right, but the card may have been blocked. Connect to a network and update the lists.',
  oldTitle: 'List too old',
  oldStatusLead: days => `The list of blocked cards is ${days} old`,
  oldTrustLead: days => `The list of organisations is ${days} old`,
  oldAdvice:
    'The signature is right, but the card may have been blocked since. Connect to a network and update the lists.',
  agedStrip: days => `The list of blocked cards is ${days} old: update it`,
  expiredTitle: 'Expired',
  expiredLead: day => `It was valid to ${day}`,
  expiredAdvice: 'A new card is needed. The chair of the primary organisation orders it.',
  earlyTitle: 'Not yet valid',
  earlyLead: day => `It will be valid from ${day}`,
  revokedTitle: 'Not valid',
  revokedLead: 'The card is blocked',
  revokedAdvice: 'Do not accept the card. Its holder can ask the organisation that issued it.',
  refusedTitle: 'Not valid',
  refusedLead: 'The key that signed the card is no longer accepted',
  refusedAdvice: 'Do not accept the card. Its holder needs a new one.',
  forgedTitle: 'Forged',
  forgedLead: 'The signature does not fit what is written',
  forgedAdvice: 'Do not accept the card, and tell the organisation whose name it bears.',
  unknownTitle: 'Unknown issuer',
  unknownLead: 'The signature is of none of our organisations',
  unknownAdvice:
    'This does not mean forged: the organisation may be new. Update the lists and check again. Do not accept it before.',
  noListsTitle: 'No lists',
  noListsLead: 'Without a list of organisations there is nothing to compare the signature with',
  noListsAdvice: 'Connect to a network once, or open the file of lists that the organisation gave you.',
  testTitle: 'Test card',
  testLead: 'Not a membership card: it gives no rights, do not accept it',
  testAdvice: 'The card was made for training or for setting up.',
  foreignTitle: 'Not a card',
  foreignLead: 'This code holds something else',
  foreignAdvice: 'The code of a membership card is on its back.',
  unreadTitle: 'Not readable',
  unreadLead: 'This is no membership card, or the code is damaged or read in part',
  unreadAdvice: 'Wipe the card and point the camera at it again.',
  clockTitle: 'Clock is slow',
  clockLead: day => `This device says ${day}, and the lists were signed later`,
  clockAdvice: 'Set the right date and check again.',

  matchTitle: 'Compare with the card in hand',
  matchName: 'Name',
  matchMember: 'Member no.',
  matchCard: 'Card',
  matchDay: 'Valid to',
  matchOrganisation: 'Organisation',
  provenTitle: 'What is proven',
  signedBy: name => `What is printed was signed by ${name}`,
  signedTest: 'Signed with a test key',
  notRefused: 'Not blocked',
  notRefusedThen: 'Not blocked on the day of the list',
  isRefused: 'In the list of blocked cards',
  notLooked: 'Whether the card is blocked is unknown',
  statusAge: (when, days) => `List of blocked cards: ${when}, ${days} old`,
  trustAge: (when, days) => `List of organisations: ${when}, ${days} old`,
  copyWarning:
    'A copied code cannot be told from the card: compare the name and look at the photo. Only the chip proves the original.',
  unknownKey: kid => `The signing key ${kid} is unknown to us`,
  badSignature: 'The signature does not fit',
  expiredLine: day => `Its time is over: ${day}`,
  earlyLine: day => `Its time begins: ${day}`,
  refusedLine: 'The key of the organisation is not accepted',
  faultLine: fault => `Detail for whoever looks into it: ${fault}`,

  scanButton: 'Use the camera',
  againButton: 'Check another',
  stopButton: 'Stop the camera',
  photoButton: 'Choose a photo of the code',
  moreTitle: 'Lists, and typing by hand',
  typedLabel: 'Address from the code',
  typedButton: 'Check',
  listsTitle: 'Lists on this device',
  listNone: 'There are no lists yet',
  listTrust: (number, when, days) => `List of organisations no. ${number}: ${when}, ${days} old`,
  listStatus: (code, number, when, days) => `Blocked cards, ${code}/${number}: ${when}, ${days} old`,
  renewButton: 'Update the lists',
  fetchButton: 'Update by network',
  fileButton: 'Take from a file',
  rootNote: 'Fingerprint of the root that this page believes. Compare it with the paper from the regional committee:',
  rootNone: 'There is no root yet',
  nothingSent: 'The card is checked on this device. Nothing about it is sent.',
  offlineReady: 'Works without a network, too.',

  noCamera: 'The camera did not start. Allow it in the settings of the browser, or choose a photo of the code.',
  noScanner: 'This page has no scanner. Open the code with the camera of a phone, or type the address.',
  nothingFound: 'No code is to be seen in the photo. Take it from nearer and in light.',
  noNetwork: 'No connection. The lists are as they were.',
  listsTaken: 'The lists are updated.',
  listsSame: 'There are no newer lists.',
  listsRefused: fault => `Not all was taken in: ${fault}`,
  fileWrong: 'This is no file of lists.',
  rootsChanged: 'The server offers another root. The page believes the former one: ask the regional committee.',

  days: { one: 'day', other: 'days' },
  today: 'less than a day',
};

const LANGUAGES = { ru, en };

// Russian, unless the browser's first language is another than those of where Russian is read.
export function preferredLanguage() {
  const first = (navigator.language || 'ru').slice(0, 2).toLowerCase();
  return ['ru', 'be', 'kk', 'ky', 'uk', 'uz', 'tg', 'hy', 'az'].includes(first) ? 'ru' : 'en';
}

// The words of a language, and how it says dates and ages.
export class Words {
  constructor(language) {
    this.language = language;
    this.words = LANGUAGES[language];
    this.plural = new Intl.PluralRules(language);
  }

  age(seconds) {
    const days = Math.floor(seconds / DAY);
    return days < 1 ? this.words.today : `${days}\u00A0${this.words.days[this.plural.select(days)]}`;
  }

  // As it is printed on the card, 31.12.2031; `offset` is the zone, seconds east of UTC.
  day(seconds, offset = -60 * new Date(seconds * 1000).getTimezoneOffset()) {
    const [year, month, day] = new Date((seconds + offset) * 1000).toISOString().slice(0, 10).split('-');
    return `${day}.${month}.${year}`;
  }

  // The last day of a card: exp is the midnight after it, in the zone of its office, which it shows by being a
  // midnight.
  lastDay(expires) {
    const east = (DAY - (expires % DAY)) % DAY,
      offset = east > 14 * 3600 ? east - DAY : east;
    return this.day(expires - 1, offset);
  }

  moment(seconds) {
    const at = new Date(seconds * 1000),
      time = at.toTimeString().slice(0, 5);
    return `${this.day(seconds)} ${time}`;
  }
}
