"""How the heads of the offline model were trained; its bundle needs none of this."""
