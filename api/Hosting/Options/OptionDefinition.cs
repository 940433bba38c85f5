namespace RestKv.Api.Hosting.Options;

/// <summary>One option of `serve`: its names, its help, and how its text becomes a part of <see cref="NodeOptions"/> and back.</summary>
internal sealed class OptionDefinition
{
    private OptionDefinition(string name)
    {
        Name = name;
        EnvironmentName = "RESTKV_" + name.ToUpperInvariant().Replace('-', '_');
    }

    /// <summary>Name as a flag (without dashes) and as a key of the file.</summary>
    public string Name { get; }

    public string EnvironmentName { get; }

    /// <summary>The variable etcd reads for the same thing, or null when the meaning is not etcd's.</summary>
    public string? EtcdName { get; private init; }

    public required string Property { get; init; }

    public required OptionGroup Group { get; init; }

    public required string ValueName { get; init; }

    public required string Help { get; init; }

    /// <summary>A flag that may stand without a value.</summary>
    public bool IsSwitch { get; private init; }

    /// <summary>A value that is a number in the file, too. Names that happen to be digits are written as strings there.</summary>
    public bool IsNumeric { get; private init; }

    /// <summary>Puts the text into the options; the second part says why it cannot be done.</summary>
    public required Func<NodeOptions, string, Parsed<NodeOptions>> Apply { get; init; }

    /// <summary>The value in force, in a form that <see cref="Apply"/> would take.</summary>
    public required Func<NodeOptions, string> Show { get; init; }

    /// <param name="property">Name of the property of <see cref="NodeOptions"/>: validation rules speak of properties.</param>
    public static OptionDefinition Create<T>(
        string name,
        string property,
        OptionGroup group,
        OptionSyntax<T> syntax,
        Func<NodeOptions, T> get,
        Func<NodeOptions, T, NodeOptions> with,
        string help,
        bool inEtcd = false) =>
        new(name)
        {
            EtcdName = inEtcd ? "ETCD_" + name.ToUpperInvariant().Replace('-', '_') : null,
            Property = property,
            Group = group,
            ValueName = syntax.ValueName,
            Help = help,
            IsSwitch = typeof(T) == typeof(bool),
            IsNumeric = (Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)) is var type
                && (type == typeof(long) || type == typeof(int) || type == typeof(TimeSpan)),
            Show = options => syntax.Show(get(options)),
            Apply = (options, text) =>
                syntax.Parse(text) is { Fault: null } parsed
                    ? with(options, parsed.Value!)
                    : new Parsed<NodeOptions>(null, syntax.Parse(text).Fault),
        };
}
