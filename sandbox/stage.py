"""Everything one running sandbox consists of, and how it starts, forgets and stops."""

from sandbox.agenda import Agenda
from sandbox.limits import PairRate, Throughput
from sandbox.settings import Settings
from sandbox.tuning import Tuning
from sandbox.webhooks.postman import Postman
from sandbox.world.store import Store
from sandbox.world.world import Channel, World


class Stage:
    """The parts, wired: settings, tuning, world and its store, agenda, postman, brakes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tuning = Tuning()
        self.tuning.webhooks.url = settings.webhook_url
        self.world = World(channels={settings.phone_id: Channel(settings.phone_id)})
        self.store = Store(settings.folder, self.world, self.tuning)
        self.agenda = Agenda()
        self.postman = Postman(settings, self.tuning, self.world, self.store, self.agenda)
        self.throughput = Throughput()
        self.pair_rate = PairRate()

    @property
    def channel(self) -> Channel:
        """The number customers write to."""
        return next(iter(self.world.channels.values()))

    async def open(self) -> None:
        """Load the world and start posting."""
        self.store.load()
        await self.postman.open()

    def forget(self) -> None:
        """Forget everything: facts, plans, tuning, templates made by hand."""
        self.agenda.clear()
        self.postman.forget()
        self.throughput = Throughput()
        self.pair_rate = PairRate()
        self.store.forget()

    async def close(self) -> None:
        """Stop posting and put the world on disk."""
        self.agenda.clear()
        await self.postman.close()
        self.store.close()
