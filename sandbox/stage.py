"""Everything one running sandbox consists of, and how it starts, forgets and stops."""

from aiohttp import web

from sandbox.agenda import Agenda
from sandbox.limits import CallRates, PairRate, Throughput
from sandbox.razorpay.courier import Courier
from sandbox.settings import Settings
from sandbox.tuning import Tuning
from sandbox.webhooks.postman import Postman
from sandbox.world.store import Store
from sandbox.world.world import Channel, World


class Stage:
    """The parts, wired: settings, tuning, world and its store, agenda, postman, courier, brakes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tuning = Tuning()
        self.tuning.webhooks.url = settings.webhook_url
        self.tuning.razorpay.webhook_url = settings.razorpay_webhook_url
        self.world = World(channels={settings.phone_id: Channel(settings.phone_id)})
        self.store = Store(settings.folder, self.world, self.tuning)
        self.agenda = Agenda()
        self.postman = Postman(settings, self.tuning, self.world, self.store, self.agenda)
        self.courier = Courier(settings, self.tuning, self.world, self.store, self.agenda)
        self._renew_brakes()

    @property
    def channel(self) -> Channel:
        """The number customers write to."""
        return next(iter(self.world.channels.values()))

    async def open(self) -> None:
        """Load the world and start posting."""
        self.store.load()
        await self.postman.open()
        await self.courier.open()

    def forget(self) -> None:
        """Forget everything: facts, plans, tuning, templates made by hand."""
        self.agenda.clear()
        self.postman.forget()
        self.courier.forget()
        self._renew_brakes()
        self.store.forget()

    async def close(self) -> None:
        """Stop posting and put the world on disk."""
        self.agenda.clear()
        await self.postman.close()
        await self.courier.close()
        self.store.close()

    def _renew_brakes(self) -> None:
        self.throughput = Throughput()
        self.pair_rate = PairRate()
        self.calls = CallRates()


STAGE = web.AppKey("stage", Stage)  # where the application keeps it
