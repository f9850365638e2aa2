"""The words that stop and start marketing messages."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit
from app.auth.access import needs
from app.customers.forms import ConsentWordsForm
from app.customers.routes.blueprint import bp
from app.customers.service import consent_words
from app.extensions import db
from app.shared.errors import Invalid


@bp.get("/customers/consent-words")
@needs("settings.write")
def words() -> ResponseReturnValue:
    return render_template("customers/consent_words.html", form=ConsentWordsForm.of(consent_words.rules()))


@bp.post("/customers/consent-words")
@needs("settings.write")
def change_words() -> ResponseReturnValue:
    form = ConsentWordsForm()
    try:
        if form.validate_on_submit():
            rules = consent_words.change_rules(**form.words())
            audit.record("consent_words.change", rules, stop=len(rules.stop_words), start=len(rules.start_words))
            db.session.commit()
            flash("Saved. From now on these words count.", "success")
            return redirect(url_for("customers.words"))
    except Invalid as error:
        form[error.field or "stop_words"].errors = [str(error)]
    return render_template("customers/consent_words.html", form=form), 422


@bp.post("/customers/consent-words/reset")
@needs("settings.write")
def reset_words() -> ResponseReturnValue:
    consent_words.reset_rules()
    audit.record("consent_words.reset")
    db.session.commit()
    flash("The words and answers we began with count again.", "success")
    return redirect(url_for("customers.words"))
