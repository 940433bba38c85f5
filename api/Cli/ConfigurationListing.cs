using RestKv.Api.Hosting.Options;

namespace RestKv.Api.Cli;

/// <summary>`--print-config`: one option a line with its value and its source.</summary>
internal static class ConfigurationListing
{
    public static async Task WriteAsync(OptionsResult loaded, TextWriter output)
    {
        var lines = OptionCatalog.All.Select(option => (
            option.Name,
            Value: option.Show(loaded.Options),
            Source: loaded.InForce.TryGetValue(option, out var setting) ? setting.Place : "default")).ToArray();
        var nameWidth = lines.Max(line => line.Name.Length);
        var valueWidth = lines.Max(line => line.Value.Length);
        foreach (var (name, value, source) in lines)
        {
            await output.WriteLineAsync($"{name.PadRight(nameWidth)}  {value.PadRight(valueWidth)}  {source}");
        }

        foreach (var warning in loaded.Warnings)
        {
            await output.WriteLineAsync($"warning: {warning}");
        }
    }
}
