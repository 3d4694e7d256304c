/**
 * Words that people around meters take for passwords, beside those of the dictionaries, which are English. In their own
 * spelling, the likeliest first in each language; the check compares them without accents.
 */
const byLanguage = {
  en: "password metering meter submeter gateway energy electricity water heating cooling reading kilowatt household apartment landlord tenant caretaker basement boiler kitchen bathroom garden summer winter spring autumn football welcome secret letmein utility invoice",
  sv: "lösenord hemligt energi elektricitet ström vatten värme kyla mätare mätning elmätare vattenmätare värmemätare avläsning hushåll lägenhet hyresgäst hyresvärd bostad källare kök badrum trädgård panna sommar vinter vår höst fotboll välkommen nyckel sverige stockholm göteborg fastighet förvaltare räkning huset familjen älskling hejsan",
  de: "passwort kennwort geheim energie elektrizität strom wasser wärme kälte heizung zähler messung messgerät stromzähler wasserzähler wärmezähler gaszähler ablesung haushalt wohnung mieter vermieter hausmeister hausverwaltung keller küche badezimmer garten heizkessel sommer winter frühling herbst fußball willkommen schlüssel straße deutschland österreich schweiz münchen köln rechnung familie schatz hallo",
  fr: "motdepasse secret énergie électricité courant eau chaleur chauffage froid compteur mesure relevé ménage foyer appartement locataire propriétaire logement concierge gardien cave cuisine salledebain jardin chaudière été hiver printemps automne football bienvenue clé clef maison famille chéri soleil bonjour facture syndic immeuble",
  fi: "salasana salainen energia sähkö vesi lämpö lämmitys jäähdytys mittari mittaus vesimittari sähkömittari lukema kotitalous asunto huoneisto vuokralainen vuokranantaja isännöitsijä kellari keittiö kylpyhuone puutarha kattila kesä talvi kevät syksy jalkapallo tervetuloa avain suomi helsinki koti perhe lasku talonmies",
  da: "adgangskode kodeord hemmelig energi elektricitet strøm vand varme køling måler måling elmåler vandmåler varmemåler aflæsning husholdning lejlighed lejer udlejer vicevært bolig kælder køkken badeværelse have kedel sommer vinter forår efterår fodbold velkommen nøgle danmark københavn regning familie skat ejendom",
  no: "passord hemmelig energi elektrisitet strøm vann varme kjøling måler måling strømmåler vannmåler avlesning husholdning leilighet leietaker utleier vaktmester bolig kjeller kjøkken baderom hage kjele sommer vinter vår høst fotball velkommen nøkkel norge oslo regning familie",
  es: "contraseña clave secreto energía electricidad corriente agua calor calefacción frío contador medidor medición lectura hogar vivienda apartamento piso inquilino propietario portero sótano cocina baño jardín caldera verano invierno primavera otoño fútbol bienvenido llave españa casa familia factura comunidad",
  it: "parola segreto energia elettricità corrente acqua calore riscaldamento freddo contatore misura misuratore lettura famiglia appartamento inquilino proprietario portiere condominio cantina cucina bagno giardino caldaia estate inverno primavera autunno calcio benvenuto chiave italia casa bolletta fattura amministratore",
  pl: "hasło tajne energia elektryczność prąd woda ciepło ogrzewanie chłód licznik wodomierz ciepłomierz pomiar odczyt gospodarstwo mieszkanie najemca lokator właściciel dozorca piwnica kuchnia łazienka ogród kocioł lato zima wiosna jesień piłka witamy klucz polska warszawa dom rodzina rachunek spółdzielnia",
  nl: "wachtwoord geheim energie elektriciteit stroom water warmte verwarming koeling meter meting meterstand watermeter elektriciteitsmeter warmtemeter aflezing huishouden appartement woning huurder verhuurder huismeester kelder keuken badkamer tuin ketel zomer winter lente herfst voetbal welkom sleutel nederland amsterdam rekening gezin",
} as const;

const letters: Readonly<Record<string, string>> = {
  ß: "ss",
  ø: "o",
  æ: "ae",
  œ: "oe",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};
const spelledOut: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", å: "aa", ø: "oe" };

const replaced = (text: string, by: Readonly<Record<string, string>>) =>
  [...text].map((letter) => by[letter] ?? letter).join("");

/** In small letters, without accents: `Schlüssel` is `schlussel`. */
export function folded(text: string): string {
  return replaced(text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase(), letters);
}

/** Without accents, and as one writes them where the keyboard has none: `schlussel`, `schluessel`. */
export function passwordWords(): readonly string[] {
  const words = new Set<string>();
  const lists = Object.values(byLanguage).map((text) => text.split(" "));
  const longest = Math.max(...lists.map(({ length }) => length));
  for (let place = 0; place < longest; place++) {
    for (const list of lists) {
      const word = list[place];
      if (word === undefined) continue;
      words.add(folded(word));
      words.add(folded(replaced(word, spelledOut)));
    }
  }
  return [...words];
}
