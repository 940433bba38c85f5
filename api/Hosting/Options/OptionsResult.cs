namespace RestKv.Api.Hosting.Options;

/// <summary>What loading gave: options when there are no faults.</summary>
/// <param name="InForce">The setting that decided, by option; options left out have their default.</param>
internal sealed record OptionsResult(
    NodeOptions Options,
    IReadOnlyDictionary<OptionDefinition, OptionSetting> InForce,
    IReadOnlyList<OptionFault> Faults,
    IReadOnlyList<string> Warnings);
