"""The amplifier's switch on a GPIO pin, by gpiozero (extra `gpio`)."""

from types import ModuleType

from edge_agent.services.sound_ports import SoundError, SoundFault


def _gpiozero() -> ModuleType:
    try:
        import gpiozero
    except ImportError as error:
        raise SoundError(SoundFault.AMPLIFIER_UNAVAILABLE, "install loaxa[gpio]") from error
    module: ModuleType = gpiozero
    return module


class GpioAmplifier:
    """A relay or an enable line; off when the program begins."""

    def __init__(self, pin: int | str, *, active_high: bool = True) -> None:
        """`pin` as gpiozero names it (17, "GPIO17", "BOARD11").

        SoundError(AMPLIFIER_UNAVAILABLE) without the library or without such a pin.
        """
        gpiozero = _gpiozero()
        try:
            self._line = gpiozero.DigitalOutputDevice(pin, active_high=active_high)
        except (gpiozero.GPIOZeroError, OSError) as error:
            raise SoundError(SoundFault.AMPLIFIER_UNAVAILABLE, str(error)) from error
        self._error: type[Exception] = gpiozero.GPIOZeroError

    def switch(self, *, on: bool) -> None:
        """Switch; OSError when the hardware refuses."""
        try:
            self._line.value = int(on)
        except self._error as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        """Off, and the pin let go; may be called twice."""
        self._line.close()
