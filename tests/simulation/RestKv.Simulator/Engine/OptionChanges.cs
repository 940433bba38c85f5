using System.Globalization;
using System.Reflection;

namespace RestKv.Simulator.Engine;

/// <summary>
/// Options that differ from what the seed draws, as text for the command line: "Members=1;Faults=Kill+Pause". What a failure
/// shrinks to can be run again by it.
/// </summary>
internal static class OptionChanges
{
    private static readonly PropertyInfo[] Options =
    [
        .. typeof(SimulationOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && property.Name != nameof(SimulationOptions.Seed)),
    ];

    /// <exception cref="FormatException">It names no option, or gives it no value.</exception>
    public static SimulationOptions Apply(SimulationOptions options, string changes)
    {
        var changed = options with { };
        foreach (var change in changes.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = change.Split('=');
            var option = Options.FirstOrDefault(property => property.Name == parts[0]);
            if (option is null || parts.Length != 2)
            {
                var names = string.Join(' ', Options.Select(property => property.Name));
                throw new FormatException($"\"{change}\" is no option and value; options are {names}");
            }

            option.SetValue(changed, Parse(option.PropertyType, parts[1]));
        }

        return changed;
    }

    public static string Between(SimulationOptions from, SimulationOptions to) => string.Join(
        ';',
        Options.Where(option => !Equals(option.GetValue(from), option.GetValue(to)))
            .Select(option => $"{option.Name}={Show(option.GetValue(to))}"));

    private static object Parse(Type type, string text) =>
        type == typeof(int) ? int.Parse(text, CultureInfo.InvariantCulture)
        : type == typeof(bool) ? bool.Parse(text)
        : Enum.Parse(type, text.Replace('+', ','));

    private static string Show(object? value) => value is FaultClasses faults
        ? faults.ToString().Replace(", ", "+", StringComparison.Ordinal)
        : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
