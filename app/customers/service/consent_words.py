"""The words by which customers say no or yes to marketing, and what we answer: defaults, or as people edited them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from app.customers.models import ConsentRules
from app.extensions import db
from app.shared.errors import Invalid

MOST_WORDS = 500
LONGEST_WORD = 60
LONGEST_REPLY = 1000

STOP_REPLY = "You will get no more offers from us. Send START if you change your mind."
START_REPLY = "Welcome back: you will get our offers again. Send STOP at any time to end them."

# By language; whoever writes one of these and nothing else means it.
STOP_WORDS = (
    *("stop", "stop all", "stopall", "unsubscribe", "opt out", "optout", "end", "quit"),
    *("stop promotions", "stop promotion", "stop marketing", "stop messages", "stop messaging", "stop offers"),
    *("no more messages", "remove me", "do not message", "dont message", "don't message me"),
    *("बंद", "बंद करो", "बंद करें", "बंद कीजिए", "रोको", "रोकें", "स्टॉप", "मैसेज बंद करो", "संदेश बंद करें", "मत भेजो"),
    *("band", "band karo", "band kare", "band karen", "band karein", "band kijiye", "roko", "mat bhejo"),
    *("message band karo", "msg band karo", "message mat bhejo", "msg mat bhejo"),
    *("थांबा", "थांबवा", "बंद करा", "thamba", "thambva", "band kara"),
    *("બંધ", "બંધ કરો", "રોકો", "સ્ટોપ", "bandh karo", "bandh kar"),
    *("বন্ধ", "বন্ধ করুন", "বন্ধ করো", "থামুন", "থামাও", "স্টপ", "bondho koro", "bondho korun"),
    *("நிறுத்து", "நிறுத்தவும்", "நிறுத்துங்கள்", "ஸ்டாப்", "niruthu", "niruthunga"),
    *("ఆపు", "ఆపండి", "ఆపేయండి", "స్టాప్", "aapu", "aapandi"),
    *("ನಿಲ್ಲಿಸಿ", "ನಿಲ್ಲಿಸು", "ಸ್ಟಾಪ್", "nillisi"),
    *("നിർത്തുക", "നിർത്തൂ", "സ്റ്റോപ്പ്", "nirthuka"),
    *("ਬੰਦ", "ਬੰਦ ਕਰੋ", "ਰੋਕੋ"),
    *("بند", "بند کرو", "بند کریں", "روکو", "روکیں", "سٹاپ", "اسٹاپ"),
    *("توقف", "قف", "إيقاف", "ايقاف", "أوقف", "إلغاء الاشتراك", "الغاء الاشتراك"),
    *("parar", "alto", "baja", "darme de baja", "detener", "cancelar suscripción", "no más mensajes"),
    *("pare", "sair", "descadastrar", "cancelar inscrição", "cancelar assinatura"),
    *("arrêt", "arrêter", "désabonner", "se désabonner", "stopp", "abmelden", "berhenti"),
)
START_WORDS = (
    *("start", "unstop", "subscribe", "resubscribe", "opt in", "optin", "start promotions", "resume"),
    *("शुरू", "शुरू करो", "शुरू करें", "चालू करो", "स्टार्ट", "shuru", "shuru karo", "chalu karo", "chalu kare"),
    *("सुरू", "सुरू करा", "चालू करा", "suru kara", "chalu kara"),
    *("શરૂ", "શરૂ કરો", "ચાલુ કરો", "સ્ટાર્ટ", "sharu karo"),
    *("শুরু", "শুরু করুন", "চালু করুন", "স্টার্ট", "shuru korun"),
    *("தொடங்கு", "தொடங்கவும்", "ஸ்டார்ட்"),
    *("ప్రారంభించు", "ప్రారంభించండి", "స్టార్ట్"),
    *("ಪ್ರಾರಂಭಿಸಿ", "തുടങ്ങുക", "ਸ਼ੁਰੂ ਕਰੋ"),
    *("شروع", "شروع کرو", "شروع کریں", "ابدأ", "ابدا", "اشتراك"),
    *("iniciar", "alta", "empezar", "suscribirme", "começar", "assinar", "inscrever", "démarrer", "starten", "mulai"),
)

# Letters, their marks and digits are words; what joins letters unseen is nothing; all else parts words.
# Arabic is written with its vowel signs or without, and stretched at will.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u0640\u064b-\u0652\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u20e3\ufe00-\ufe0f\ufeff]"
)
_APOSTROPHES = re.compile("['\u2019\u02bc]")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force. `normal` words, so that asking is a look into a set."""

    stop_words: frozenset[str]
    start_words: frozenset[str]
    stop_reply: str
    start_reply: str

    def answer_in(self, text: str | None, payload: str | None = None) -> bool | None:
        """True for a yes, False for a no, None for anything else: the whole message must be such a word.

        Of a tapped button its hidden payload counts too, also by its first part: STOP_PROMO.
        """
        said = {normal(text or ""), normal(payload or ""), normal(_head(payload or ""))} - {""}
        if said & self.stop_words:
            return False
        return True if said & self.start_words else None

    def reply_to(self, granted: bool) -> str:
        """What a customer is told who has said this; empty for nothing."""
        return self.start_reply if granted else self.stop_reply


def normal(text: str) -> str:
    """The words of a text as they are compared: composed, in one case, without punctuation, emoji, doubled space."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    plain = _APOSTROPHES.sub("", _UNSEEN.sub("", folded))
    return " ".join("".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in plain).split())


def rules() -> Rules:
    """What people decided, else the defaults."""
    kept = _kept()
    if kept is None:
        return DEFAULTS
    return Rules(frozenset(kept.stop_words), frozenset(kept.start_words), kept.stop_reply, kept.start_reply)


def change_rules(stop_words: str, start_words: str, stop_reply: str, start_reply: str) -> ConsentRules:
    """Let these hold from now on; words one a line, none at all allowed. Raises `Invalid` at the field."""
    stops, starts = _words(stop_words, "stop_words"), _words(start_words, "start_words")
    if both := sorted(set(stops) & set(starts)):
        raise Invalid(f"“{both[0]}” cannot mean both yes and no.", "start_words")
    for name, reply in (("stop_reply", stop_reply), ("start_reply", start_reply)):
        if len(reply) > LONGEST_REPLY:
            raise Invalid(f"At most {LONGEST_REPLY} characters, please.", name)
    kept = _kept() or ConsentRules()
    kept.stop_words, kept.start_words = stops, starts
    kept.stop_reply, kept.start_reply = stop_reply.strip(), start_reply.strip()
    db.session.add(kept)
    db.session.flush()
    return kept


def reset_rules() -> None:
    """Let the defaults hold again."""
    db.session.execute(delete(ConsentRules))


def _kept() -> ConsentRules | None:
    return db.session.scalar(select(ConsentRules).order_by(ConsentRules.id).limit(1))


def _words(written: str, field: str) -> list[str]:
    words = _unique(normal(line) for line in written.splitlines())
    if len(words) > MOST_WORDS:
        raise Invalid(f"At most {MOST_WORDS} words, please.", field)
    if long := next((word for word in words if len(word) > LONGEST_WORD), None):
        raise Invalid(f"“{long[:LONGEST_WORD]}…” is too long for a word that people send alone.", field)
    return words


def _unique(words: Iterable[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word]


def _head(payload: str) -> str:
    """STOP of STOP_PROMO_7; nothing of a sentence, which is a button's text repeated."""
    return found[1] if (found := re.match(r"(\w+?)[_:|-](?=\S|$)", payload)) else ""


def _of(words: Sequence[str]) -> frozenset[str]:
    return frozenset(_unique(normal(word) for word in words))


DEFAULTS = Rules(_of(STOP_WORDS), _of(START_WORDS), STOP_REPLY, START_REPLY)
