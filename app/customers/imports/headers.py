"""What people call the columns of their files, in the languages of those who use this product."""

from __future__ import annotations

import re
import unicodedata

_ACCENT = 200
"""From this combining class on, a mark belongs to a Latin letter; below are those that Indian scripts need."""

_WRITTEN = {
    "phone": (
        "phone, phone number, phone no, phone e164, mobile, mobile number, mobile no, mob, mob no, cell, cell "
        "phone, cellphone, contact, contact number, contact no, whatsapp, whatsapp number, whatsapp no, wa, wa "
        "number, wa id, number, msisdn, telephone, tel, tel no, customer phone, guest phone, billing phone, "
        "primary phone, फ़ोन, फोन, फ़ोन नंबर, फोन नंबर, मोबाइल, मोबाइल नंबर, मोबाईल, व्हाट्सऐप, संपर्क, ফোন, "
        "মোবাইল, கைபேசி, தொலைபேசி, telefon, telefonnummer, handy, handynummer, mobilnummer, rufnummer, téléphone, "
        "portable, numéro de téléphone, teléfono, móvil, celular, número de teléfono, telefone, telemóvel, "
        "telefono, cellulare, telefoon, nomor telepon, nomor hp, no hp, телефон, هاتف, جوال, رقم الهاتف, 电话, 手机, "
        "手机号, 電話"
    ),
    "user_id": "user id, meta user id, whatsapp user id, business scoped id, bsuid, wa user id",
    "name": (
        "name, full name, fullname, customer, customer name, contact name, guest name, guest, client, client "
        "name, passenger name, traveller name, traveler name, first name, lead name, display name, नाम, ग्राहक का "
        "नाम, নাম, பெயர், kunde, vorname, nom, prénom, nom complet, nombre, nombre completo, nome, nome completo, "
        "naam, nama, isim, ad soyad, имя, фио, اسم, الاسم, 姓名, 名字"
    ),
    "email": (
        "email, e mail, email address, mail, mail id, email id, customer email, ईमेल, ई मेल, e mail adresse, "
        "adresse e mail, courriel, correo, correo electrónico, email adresse, эл почта, почта, بريد إلكتروني, 邮箱"
    ),
    "city": (
        "city, town, city name, place, location, current city, billing city, शहर, नगर, শহর, நகரம், stadt, ort, "
        "wohnort, ville, ciudad, cidade, città, plaats, stad, kota, şehir, город, مدينة, 城市"
    ),
    "zone": ("zone, time zone, timezone, tz, समय क्षेत्र, zeitzone, fuseau horaire, zona horaria, fuso horário"),
    "locale": (
        "locale, language, lang, preferred language, भाषा, ভাষা, sprache, langue, idioma, lingua, taal, bahasa, dil, язык"
    ),
    "tags": ("tags, tag, labels, label, groups, group, lists, टैग, schlagworte, étiquettes, etiquetas, etichette"),
    "consent": (
        "consent, opt in, optin, opted in, marketing consent, marketing opt in, whatsapp opt in, whatsapp "
        "consent, accepts marketing, subscribed, subscription, permission, agreed, सहमति, einwilligung, "
        "consentement, consentimiento, consentimento, consenso, toestemming"
    ),
    "amount": (
        "amount, total, total amount, grand total, price, value, sale amount, booking amount, booking value, "
        "order total, order value, order amount, net amount, gross amount, paid, amount paid, fare, cost, "
        "revenue, package cost, invoice amount, राशि, रकम, कुल, कुल राशि, मूल्य, টাকা, betrag, summe, "
        "gesamtbetrag, preis, montant, prix, importe, monto, precio, valor, preço, importo, prezzo, bedrag, "
        "jumlah, harga, tutar, сумма, цена, المبلغ, 金额"
    ),
    "currency": (
        "currency, currency code, ccy, curr, मुद्रा, währung, devise, moneda, moeda, valuta, mata uang, para "
        "birimi, валюта"
    ),
    "category": (
        "category, destination, type, product type, sale details destination, sector, package type, trip type, "
        "segment, श्रेणी, गंतव्य, kategorie, reiseziel, ziel, catégorie, categoría, destino, categoria, "
        "destinazione, bestemming, kategori, tujuan, категория"
    ),
    "product": (
        "product, product name, package, package name, item, item name, description, details, tour, tour name, "
        "trip, itinerary, lineitem name, line item, title, उत्पाद, पैकेज, विवरण, produkt, artikel, beschreibung, "
        "produit, producto, paquete, produto, pacote, prodotto, pacchetto, produk, paket, ürün, товар"
    ),
    "sold_at": (
        "sold at, sold on, date, sale date, booking date, booked on, booked at, order date, ordered at, purchase "
        "date, invoice date, created at, created on, paid at, payment date, transaction date, date of booking, "
        "date of sale, तारीख, दिनांक, बुकिंग तिथि, बुकिंग की तारीख, datum, buchungsdatum, kaufdatum, "
        "verkaufsdatum, date de vente, date de réservation, fecha, fecha de venta, fecha de reserva, data, data "
        "da venda, data di vendita, tanggal, tarih, дата"
    ),
    "starts_on": (
        "starts on, start date, travel date, departure, departure date, trip date, check in, checkin, check in "
        "date, arrival, arrival date, journey date, date of travel, date of journey, service date, tour date, "
        "यात्रा तिथि, यात्रा की तारीख, प्रस्थान, reisedatum, abreise, anreise, date de départ, fecha de viaje, "
        "fecha de salida, data da viagem, data di partenza, vertrekdatum, tanggal berangkat"
    ),
    "external_id": (
        "external id, id, booking id, booking no, booking number, booking ref, booking reference, reference, ref, "
        "ref no, order id, order no, order number, invoice, invoice no, invoice number, invoice id, transaction "
        "id, sale id, pnr, voucher, voucher no, receipt no, बुकिंग आईडी, ऑर्डर आईडी, buchungsnummer, "
        "bestellnummer, rechnungsnummer, numéro de commande, numéro de réservation, número de pedido, número de "
        "reserva, numero ordine"
    ),
    "reason": (
        "reason, why, cause, comment, note, notes, remark, remarks, कारण, grund, motif, motivo, raison, reden, alasan"
    ),
}


def plain_name(name: str) -> str:
    """A column's name without case, accents, punctuation and what stands in brackets: "E-Mail* (work)" is "e mail"."""
    spread = unicodedata.normalize("NFD", re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", name).casefold())
    flat = unicodedata.normalize("NFC", "".join(it for it in spread if unicodedata.combining(it) < _ACCENT))
    return " ".join(re.sub(r"[^\w\u0900-\u0dff]|_", " ", flat).split())


def joined(name: str) -> str:
    """The plain name without blanks: programs write "soldAt" and "sold_at" for what people call "Sold at"."""
    return plain_name(name).replace(" ", "")


HEADERS = {field: frozenset(map(plain_name, written.split(","))) for field, written in _WRITTEN.items()}
"""The names of each field's column, as `plain_name` writes them."""
JOINED_HEADERS = {field: frozenset(map(joined, written.split(","))) for field, written in _WRITTEN.items()}
"""The same, as `joined` writes them."""
