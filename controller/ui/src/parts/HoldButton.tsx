import { Button, type ButtonProps } from "@mantine/core";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import classes from "./HoldButton.module.css";

interface HoldButtonProps extends Pick<ButtonProps, "color" | "disabled" | "leftSection"> {
  children: string;
  onHeld: () => void;
  holdMs?: number;
}

const HOLD_MS = 1500;

/**
 * Acts only after it was held down, by finger or by key. Whoever cannot hold (screen readers
 * press, they do not hold) acts by pressing, so something must still be confirmed afterwards.
 */
export function HoldButton({ children, onHeld, holdMs = HOLD_MS, ...looks }: HoldButtonProps) {
  const [holding, setHolding] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => () => clearTimeout(timer.current), []);

  function begin() {
    setHolding(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setHolding(false);
      onHeld();
    }, holdMs);
  }

  function end() {
    clearTimeout(timer.current);
    setHolding(false);
  }

  function isHoldKey(event: KeyboardEvent): boolean {
    return event.key === " " || event.key === "Enter";
  }

  return (
    <Button
      {...looks}
      size="lg"
      mih={64}
      h="auto"
      py="xs"
      className={classes.button}
      style={{ "--hold": `${holdMs}ms` }}
      data-holding={holding || undefined}
      onPointerDown={begin}
      onPointerUp={end}
      onPointerLeave={end}
      onPointerCancel={end}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isHoldKey(event)) return;
        event.preventDefault();
        if (!event.repeat) begin();
      }}
      onKeyUp={(event) => {
        if (!isHoldKey(event)) return;
        event.preventDefault();
        end();
      }}
      onClick={(event) => {
        // A press without a finger or a mouse behind it.
        if (event.detail === 0) onHeld();
      }}
    >
      <span className={classes.fill} aria-hidden="true" />
      <span className={classes.label}>{children}</span>
    </Button>
  );
}
