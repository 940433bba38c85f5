namespace RestKv.Api.Hosting.Options;

/// <summary>
/// Merges flags, environment and file into <see cref="NodeOptions"/>. Flags win over `RESTKV_*`, these over `ETCD_*`, these over
/// the file. Every setting is checked, also those that another one overrides, and all faults are reported together.
/// </summary>
internal sealed class NodeOptionsLoader(IReadOnlyDictionary<string, string> environment, OptionDefaults defaults)
{
    private readonly List<OptionSetting> _settings = [];
    private readonly List<OptionFault> _faults = [];
    private readonly List<string> _warnings = [];

    /// <param name="configPath">From the flag; null to take the variable, if there is one.</param>
    /// <param name="validate">False when only the syntax matters, because the caller needs a single value.</param>
    public OptionsResult Load(IReadOnlyList<OptionSetting> flags, string? configPath, bool validate = true)
    {
        _settings.AddRange(flags);
        EnvironmentSettings.Read(environment, _settings, _faults, _warnings);
        if ((configPath ?? environment.GetValueOrDefault(EnvironmentSettings.ConfigVariable)) is { Length: > 0 } path)
        {
            ConfigurationFile.Read(path, _settings, _faults);
        }

        FindConflicts();
        var options = ApplyAll(out var inForce);
        options = defaults.Complete(options, inForce.ContainsKey);
        if (validate && _faults.Count == 0)
        {
            Validate(options, inForce);
        }

        return new OptionsResult(options, inForce, _faults, _warnings);
    }

    /// <summary>
    /// An etcd name next to our own for the same thing is refused when they disagree: nobody can have meant both, and etcd
    /// refuses the like. Our own names may override each other, that is what the order is for.
    /// </summary>
    private void FindConflicts()
    {
        foreach (var foreign in _settings.Where(setting => setting.Source is OptionSource.EtcdEnvironment).ToArray())
        {
            var other = _settings.Find(setting =>
                setting.Definition == foreign.Definition && setting.Source < foreign.Source && setting.Text != foreign.Text);
            if (other is not null)
            {
                _faults.Add(new OptionFault(
                    foreign.Definition.Name, foreign.Text, foreign.Place, $"contradicts {other.Place}, which says \"{other.Text}\""));
            }
        }
    }

    private NodeOptions ApplyAll(out Dictionary<OptionDefinition, OptionSetting> inForce)
    {
        var options = OptionDefaults.Start();
        inForce = [];
        foreach (var setting in _settings.OrderBy(setting => setting.Source))
        {
            var parsed = setting.Text == setting.Text.Trim()
                ? setting.Definition.Apply(options, setting.Text)
                : new Parsed<NodeOptions>(null, "has spaces before or after it");
            if (parsed.Fault is { } fault)
            {
                _faults.Add(new OptionFault(setting.Definition.Name, setting.Text, setting.Place, fault));
            }
            else if (inForce.TryAdd(setting.Definition, setting))
            {
                options = parsed.Value!;
            }
        }

        return options;
    }

    private void Validate(NodeOptions options, Dictionary<OptionDefinition, OptionSetting> inForce)
    {
        foreach (var failure in new NodeOptionsValidator().Validate(options).Errors)
        {
            var definition = OptionCatalog.OfProperty(failure.PropertyName);
            var place = inForce.TryGetValue(definition, out var setting) ? setting.Place : "default";
            _faults.Add(new OptionFault(definition.Name, setting?.Text ?? definition.Show(options), place, failure.ErrorMessage));
        }
    }
}
