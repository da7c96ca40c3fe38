import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

/** One brand colour; meanings of colours are fixed in meanings.ts. */
const brand: MantineColorsTuple = [
  "#e7f6f4",
  "#cfe9e5",
  "#a0d3cc",
  "#6dbcb2",
  "#44a99d",
  "#2a9d90",
  "#128577",
  "#0b6e64",
  "#0b5c55",
  "#054640",
];

/** Full red means emergency and nothing else. */
const emergency: MantineColorsTuple = [
  "#ffebec",
  "#ffd3d5",
  "#ffa6aa",
  "#ff777e",
  "#f9505a",
  "#e32b37",
  "#cf1220",
  "#c00a18",
  "#b3000f",
  "#8f000c",
];

/** What takes something away, or silences: grave, but no alarm. */
const ink: MantineColorsTuple = [
  "#f1f4f6",
  "#e2e8eb",
  "#c5cfd5",
  "#a3b1b9",
  "#80919b",
  "#677983",
  "#586a74",
  "#36454e",
  "#22303a",
  "#141d24",
];

// Fingers, sun and old eyes: nothing that is pressed is lower than this.
const TALL = "48px";
// What can be chosen is seen before it is chosen (3:1 against every ground).
const EDGE = "light-dark(#6b757c, #99a3a9)";
const choice = {
  defaultProps: { size: "md" },
  styles: {
    body: { minHeight: TALL, alignItems: "center" },
    label: { paddingBlock: "0.7rem" },
    description: { marginTop: "-0.5rem", fontSize: "1rem", lineHeight: 1.4 },
    radio: { borderColor: EDGE },
    input: { borderColor: EDGE },
    track: { borderColor: EDGE },
  },
};
const field = { defaultProps: { size: "md" } };

export const theme = createTheme({
  fontFamily: "'Be Vietnam Pro', system-ui, sans-serif",
  headings: { fontFamily: "'Be Vietnam Pro', system-ui, sans-serif", fontWeight: "600" },
  colors: { brand, emergency, ink },
  primaryColor: "brand",
  primaryShade: { light: 8, dark: 6 },
  defaultRadius: "md",
  fontSizes: { xs: "0.875rem", sm: "1rem", md: "1rem", lg: "1.125rem", xl: "1.375rem" },
  components: {
    Button: {
      defaultProps: { size: "md" },
      vars: () => ({ root: { "--button-height": TALL } }),
    },
    Input: { vars: () => ({ wrapper: { "--input-height": TALL } }) },
    TextInput: field,
    PasswordInput: { ...field, styles: { visibilityToggle: { width: TALL, height: TALL } } },
    Select: field,
    Textarea: field,
    // Its arrows are too small to press; the numbers are typed.
    NumberInput: { defaultProps: { size: "md", hideControls: true } },
    // Tabular digits are wider than the "0" that the field is measured by.
    TimePicker: {
      ...field,
      styles: {
        field: { width: "2.2em", textAlign: "center" },
        control: { minHeight: TALL, fontSize: "1rem" },
      },
    },
    ActionIcon: { defaultProps: { size: 48, variant: "subtle" } },
    CloseButton: { defaultProps: { size: 48 } },
    Radio: choice,
    Checkbox: choice,
    Switch: choice,
    InputWrapper: {
      vars: () => ({
        label: {},
        required: {},
        description: { "--input-description-size": "1rem" },
        error: { "--input-error-size": "1rem" },
      }),
    },
    SegmentedControl: { styles: { label: { paddingBlock: "0.7rem" } } },
    Chip: { vars: () => ({ root: { "--chip-size": TALL } }) },
    Alert: { styles: { title: { color: "var(--mantine-color-text)" } } },
    Badge: { defaultProps: { size: "lg", tt: "none" }, styles: { root: { fontSize: "1rem" } } },
    // A dialog's head is not the head of the page.
    ModalHeader: { defaultProps: { component: "div" } },
    DrawerHeader: { defaultProps: { component: "div" } },
    Menu: {
      // The placeholder for the first focus is no item of a menu.
      defaultProps: { withInitialFocusPlaceholder: false },
      styles: { item: { minHeight: TALL } },
    },
  },
});

/** Secondary text that can still be read in the sun (AA on every ground we use). */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-error": "#a50f0f",
    "--mantine-color-dimmed": "#4f5960",
    "--mantine-color-placeholder": "#5d676e",
  },
  dark: {
    "--mantine-color-error": "#ffb4ab",
    "--mantine-color-dimmed": "#b4bec4",
    "--mantine-color-placeholder": "#a3adb3",
  },
});
